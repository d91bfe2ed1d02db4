import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type ProbeFlags, probe } from '../../core/cli/probe.ts';
import { findPreset } from '../../core/pipeline/catalogue.ts';
import { resolvePlugins } from '../../core/pipeline/resolve-plugins.ts';
import { type Accent, deepseekLike, mistralLike, ollamaLike, openaiRefusal, startAccent } from '../support/accent-provider.ts';
import { json, type Reply, ScriptedProvider } from '../support/scripted-provider.ts';
import { STRICT } from '../support/strict-providers.ts';

const KEY = 'key-of-the-probe-0123456789';

interface Printed {
  text: string;
  progress: string;
  waited: number[];
}

async function run(provider: Pick<ScriptedProvider, 'base'>, flags: ProbeFlags = {}, preset = 'openai-compatible'): Promise<Printed> {
  const printed: Printed = { text: '', progress: '', waited: [] };
  await probe(
    preset,
    { config: false, upstream: provider.base, upstreamKey: KEY, ...flags },
    {
      variables: {},
      stdout: (text) => {
        printed.text += text;
      },
      stderr: (text) => {
        printed.progress += text;
      },
      wait: async (milliseconds) => void printed.waited.push(milliseconds),
    },
  );
  return printed;
}

async function runOn(accent: Accent, flags: ProbeFlags = {}, preset?: string): Promise<Printed & { provider: ScriptedProvider }> {
  const provider = await startAccent(accent);
  try {
    return { ...(await run(provider, flags, preset)), provider };
  } finally {
    await provider.stop();
  }
}

async function found(accent: Accent, preset?: string, model = 'm', upstreamDialect?: string) {
  const { text, provider } = await runOn(accent, { json: true, model, upstreamDialect }, preset);
  const { plugins, findings, unneeded, requests } = JSON.parse(text);
  const seen = Object.fromEntries(findings.map((each: { question: string; seen: string }) => [each.question, each.seen]));
  return { plugins, seen, unneeded, requests, provider, findings };
}

const failureOf = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'it was answered',
    (thrown: Error) => thrown.message,
  );

describe('the probe', () => {
  it('finds nothing to make up for at a plain provider, in about a dozen requests', async () => {
    const { plugins, seen, requests, provider } = await found({});
    expect(plugins).to.deep.equal([]);
    expect(Object.values(seen)).to.not.include.members(['quirk']).and.not.include('unclear');
    expect(requests).to.be.within(12, 15);
    expect(provider.asked).to.have.length(requests - 1); // one asks for the list
    for (const { body } of provider.asked) expect(body.max_tokens ?? body.max_completion_tokens).to.be.at.most(256);
  });

  it('finds what a provider refuses that takes nothing extra, and how calls must be given back', async () => {
    const { plugins, seen, requests } = await found(mistralLike);
    expect(Object.fromEntries(plugins.map(({ plugin, options }: { plugin: string; options: object }) => [plugin, options]))).to.deep.equal({
      'max-tokens': { field: 'max_tokens' },
      'developer-to-system': undefined,
      'strip-names': undefined,
      'allow-params': {
        params: [
          ...['model', 'messages', 'stream', 'stream_options', 'max_tokens', 'temperature', 'top_p', 'stop', 'response_format', 'tools'],
          ...['tool_choice', 'parallel_tool_calls', 'reasoning_effort'],
        ],
      },
      'tool-choice': { choices: [{ required: 'any' }] },
      'tool-id': { profile: 'nine' },
      'assistant-bridge': undefined,
    });
    expect(seen).to.include({ stop: 'plain', 'tool-choice-named': 'plain', 'several-system': 'plain' });
    expect(requests).to.be.at.most(26);
  });

  it('finds that a model that thinks wants its reasoning back, and no choice of a tool', async () => {
    const { plugins, findings } = await found(deepseekLike);
    expect(plugins).to.deep.equal([
      { plugin: 'tool-choice', options: { choices: [{ whileThinking: 'omit' }] } },
      { plugin: 'reasoning-replay' },
      { plugin: 'json-schema-prompt' },
    ]);
    expect(findings.find(({ question }: { question: string }) => question === 'images').did).to.include("input: ['text']");
  });

  it('finds what a provider silently ignores: the other limit, a named tool, and that parts are messages', async () => {
    expect((await found(ollamaLike)).plugins).to.deep.equal([
      { plugin: 'max-tokens', options: { field: 'max_tokens' } },
      { plugin: 'flatten-content' },
      { plugin: 'tool-choice', options: { choices: [{ narrow: true }] } },
    ]);
  });

  for (const [name, rules] of Object.entries(STRICT)) {
    it(`finds nothing that preset "${name}" lacks, at a provider that refuses what the real one does`, async () => {
      const { models, plugins: listed } = (await findPreset(name))();
      const { id: model = 'm' } = models[0] ?? {};
      const accent: Accent = { model, refuses: (body) => rules.map((rule) => rule(body, new Map())).find((refusal) => refusal !== undefined) };
      const { plugins, requests } = await found(accent, name, model, 'chat');
      const own = resolvePlugins({ preset: name, listed }).map((plugin) => plugin.name);
      expect(plugins.filter(({ plugin }: { plugin: string }) => !own.includes(plugin))).to.deep.equal([]);
      expect(requests).to.be.at.most(26);
    });
  }

  it('says what a preset has that was not seen to be needed', async () => {
    const { unneeded } = await found({}, 'mistral');
    expect(unneeded)
      .to.include.members(['strip-names', 'tool-id', 'assistant-bridge', 'allow-params'])
      .and.not.include('tool-schema')
      .and.not.include('max-tokens');
  });

  it('prints a plugin that the preset lists for other models only', async () => {
    const { text } = await runOn(mistralLike, { model: 'm' });
    expect(text.slice(text.indexOf('The preset lacks'))).to.include('assistantBridge()');
  });

  it('prints the plugins that the preset lacks, for either kind of config, and what it cost', async () => {
    const { text, progress } = await runOn(ollamaLike, { model: 'm' });
    expect(text).to.match(/^preset openai-compatible, model m, http:\/\/127\.0\.0\.1:\d+\/v1\n\d+ requests, \d+ tokens in and \d+ out/);
    expect(text).to.include("import { maxTokens } from 'tapline/plugins/max-tokens';\n");
    expect(text).to.include("plugins: [\n  maxTokens({ field: 'max_tokens' }),\n  flattenContent(),\n  toolChoice({ choices: [{ narrow: true }] }),\n],\n");
    expect(progress).to.include('asking: text in parts\n');
    const { text: yaml } = await runOn(ollamaLike, { model: 'm', as: 'yaml' });
    expect(yaml).to.include('plugins:\n  - - max-tokens\n    - field: max_tokens\n  - flatten-content\n');
  });

  it('takes the first model that is listed unless one is named, and says whether the one named is listed', async () => {
    const { text } = await runOn({}, { json: true });
    expect(JSON.parse(text).model).to.equal('m');
    expect((await found({})).findings[0]).to.deep.include({ question: 'model', seen: 'plain', did: 'lists it, among 2' });
  });

  it('never prints the key, also where the provider repeats it', async () => {
    const accent: Accent = { refuses: (body) => (body.stop ? openaiRefusal(`stop: no, ${KEY}`) : undefined) };
    for (const json of [true, false]) {
      const { text, progress } = await runOn(accent, { json, model: 'm' });
      expect(text + progress).not.to.include(KEY);
    }
    const provider = await startAccent({ refuses: () => openaiRefusal(`no, ${KEY}`) });
    try {
      expect(await failureOf(run(provider, { model: 'm' })))
        .to.match(/saying "no, .+"/)
        .and.not.include(KEY);
    } finally {
      await provider.stop();
    }
  });

  it('waits once where it is throttled, for as long as it is told', async () => {
    let throttled = false;
    const accent: Accent = {
      refuses() {
        if (throttled) return undefined;
        throttled = true;
        return { status: 429, body: { error: { message: 'Rate limit reached, please try again in 3s', code: 'rate_limit_exceeded' } } };
      },
    };
    const { waited, text } = await runOn(accent, { model: 'm', json: true });
    expect(waited).to.deep.equal([3_000]);
    expect(JSON.parse(text).plugins).to.deep.equal([]);
  });

  it('learns nothing from a provider that is overloaded, and says so', async () => {
    const busy: Accent = { refuses: (body) => (body.stop ? { status: 503, body: { error: { message: 'busy' } } } : undefined) };
    const { plugins, findings } = await found(busy);
    expect(plugins).to.deep.equal([]);
    expect(findings.find(({ question }: { question: string }) => question === 'stop')).to.include({
      seen: 'unclear',
      did: 'was overloaded or too slow (HTTP 503)',
    });
  });

  it('asks the preset as the config has it, where it is there', async () => {
    const provider = await startAccent({});
    const folder = mkdtempSync(join(tmpdir(), 'tapline-'));
    try {
      writeFileSync(
        join(folder, 'proxy.config.json'),
        JSON.stringify({ presets: ['demo', ['mistral', { endpoints: { chat: provider.base } }]], plugins: [['max-tokens', { cap: 9 }]] }),
      );
      let text = '';
      const around = { folder, variables: { MISTRAL_API_KEY: KEY }, stdout: (more: string) => (text += more), stderr: () => {} };
      await probe('mistral', { model: 'm', json: true }, around);
      expect(JSON.parse(text)).to.include({ preset: 'mistral', endpoint: provider.base });
    } finally {
      rmSync(folder, { recursive: true });
      await provider.stop();
    }
  });

  it('says that a model is unknown, and which are listed', async () => {
    const provider = await startAccent({});
    try {
      expect(await failureOf(run(provider, { model: 'x' }))).to.equal(
        'a plain text with model "x": the provider does not know the model (HTTP 404) saying "The model does not exist"; it lists m, n',
      );
    } finally {
      await provider.stop();
    }
  });

  for (const [what, reply, message] of [
    ['a refused key', json(401, { error: { message: 'Incorrect key' } }), /refused the key|Incorrect key/],
    ['a web page', ((response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')) as Reply, /web page/],
    ['an empty account', json(402, { error: { message: 'Insufficient balance' } }), /Insufficient balance/],
    ['a redirect', json(302, '', { location: 'http://example.test/' }), /redirect/],
    ['no models, and none named', json(404, {}), /name one with --model/],
  ] as [string, Reply, RegExp][])
    it(`ends at ${what}, and says so`, async () => {
      const provider = await ScriptedProvider.start(reply);
      try {
        expect(await failureOf(run(provider, what.startsWith('no models') ? {} : { model: 'm' }))).to.match(message);
        expect(provider.asked.length).to.be.at.most(1);
      } finally {
        await provider.stop();
      }
    });

  it('ends where nobody answers, and where there is no Chat', async () => {
    const provider = await ScriptedProvider.start();
    const { base } = provider;
    await provider.stop();
    expect(await failureOf(run({ base }, { model: 'm' }))).to.include('could not be reached');
    expect(await failureOf(run({ base }, { model: 'm', upstreamDialect: 'messages' }))).to.include('has no Chat endpoint');
  });
});
