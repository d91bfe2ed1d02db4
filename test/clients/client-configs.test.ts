import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { printClientConfig } from '../../core/cli/print-client-config.ts';
import type { PrintFlags } from '../../core/cli/print-config.ts';
import { CLIENT_CONFIGS, type ConfiguredClient } from '../../core/clients/client-configs.ts';
import { json, ScriptedProvider } from '../support/scripted-provider.ts';

const KEY = 'client-key-0123456789';
const HOSTILE = `it's "$HOME" \`x\` \\ 'n`;
const ZAI = { TAPLINE_UPSTREAM_KEY: 'k' };
const FLAGS = { config: false, preset: 'zai' } as const;
const BASE = 'http://127.0.0.1:4891';

/** Each variable a client reads, and what it must be told. */
const VARIABLES: { [client in ConfiguredClient]?: (model: string, key: string) => Record<string, string> } = {
  claude: (model, key) => ({
    ANTHROPIC_BASE_URL: BASE,
    ANTHROPIC_AUTH_TOKEN: key,
    ANTHROPIC_MODEL: model,
    ANTHROPIC_DEFAULT_OPUS_MODEL: model,
    ANTHROPIC_DEFAULT_SONNET_MODEL: model,
    ANTHROPIC_DEFAULT_HAIKU_MODEL: model,
    ...(model === 'glm-5.3' && { CLAUDE_CODE_MAX_CONTEXT_TOKENS: '1000000' }),
  }),
  openai: (_, key) => ({ OPENAI_BASE_URL: `${BASE}/v1`, OPENAI_API_KEY: key }),
  aider: (model, key) => ({ OPENAI_API_BASE: `${BASE}/v1`, OPENAI_API_KEY: key, AIDER_MODEL: `openai/${model}` }),
  openwebui: (model, key) => ({ ENABLE_OPENAI_API: 'true', OPENAI_API_BASE_URL: `${BASE}/v1`, OPENAI_API_KEY: key, DEFAULT_MODELS: model }),
};

describe('print-config of clients other than Codex', () => {
  for (const [client, told] of Object.entries(VARIABLES)) {
    it(`${client}: a shell that is given the lines knows the gateway, the preset's first model and no key`, async () => {
      const { stdout, stderr } = await print(client as ConfiguredClient, FLAGS, ZAI);
      expect(variablesOf(stdout)).to.deep.equal(told('glm-5.3', 'not-needed'));
      expect(stderr).to.equal('');
    });

    it(`${client}: it reads the client's key where there is one, and a model of any name stays whole`, async () => {
      const { stdout } = await print(client as ConfiguredClient, { ...FLAGS, model: HOSTILE, apiKey: KEY }, ZAI);
      expect(stdout).not.to.include(KEY);
      expect(variablesOf(stdout.replaceAll('\r', ''), { TAPLINE_API_KEY: KEY })).to.deep.equal(told(HOSTILE, KEY));
    });
  }

  it('opencode: JSON with every model that is known, and what is known of them', async () => {
    const { stdout } = await print('opencode', FLAGS, ZAI);
    const { model, provider } = JSON.parse(stdout);
    expect(model).to.equal('tapline/glm-5.3');
    expect(provider.tapline.options).to.deep.equal({ baseURL: `${BASE}/v1`, apiKey: 'not-needed' });
    expect(provider.tapline.models['glm-5.3']).to.deep.equal({ name: 'glm-5.3', limit: { context: 1_000_000, output: 131_072 } });
    const keyed = JSON.parse((await print('opencode', { ...FLAGS, model: HOSTILE, apiKey: KEY }, ZAI)).stdout);
    expect(keyed.provider.tapline.options.apiKey).to.equal('{env:TAPLINE_API_KEY}');
    expect(keyed.provider.tapline.models[HOSTILE]).to.deep.equal({ name: HOSTILE });
  });

  it('claude: it is told of a model that answers in less than it would ask for', async () => {
    const { stdout } = await print('claude', { config: false, preset: 'demo' });
    expect(variablesOf(stdout)).to.include({
      CLAUDE_CODE_MAX_CONTEXT_TOKENS: '128000',
      CLAUDE_CODE_AUTO_COMPACT_WINDOW: '128000',
      CLAUDE_CODE_MAX_OUTPUT_TOKENS: '8192',
    });
  });

  it('lists the models of further presets by their prefix, and takes a model of them that nobody knows', async () => {
    const several = { config: false, preset: 'zai,demo' } as const;
    const { model, provider } = JSON.parse((await print('opencode', several, ZAI)).stdout);
    expect(model).to.equal('tapline/glm-5.3');
    expect(Object.keys(provider.tapline.models)).to.include.members(['glm-5.3', 'demo/tapline-demo']);
    expect(provider.tapline.models['demo/tapline-demo']).to.deep.equal({ name: 'demo/tapline-demo', limit: { context: 128_000, output: 8_192 } });
    const claude = await print('claude', { ...several, model: 'demo/tapline-demo' }, ZAI);
    expect(variablesOf(claude.stdout)).to.include({ ANTHROPIC_MODEL: 'demo/tapline-demo', CLAUDE_CODE_MAX_CONTEXT_TOKENS: '128000' });
    const named = JSON.parse((await print('opencode', { ...several, model: 'demo/other' }, ZAI)).stdout);
    expect([named.model, Object.keys(named.provider.tapline.models)[0]]).to.deep.equal(['tapline/demo/other', 'demo/other']);
  });

  it('asks the provider for its models where the preset knows none', async () => {
    const provider = await ScriptedProvider.start(json(200, { object: 'list', data: [{ id: 'their-model', object: 'model' }] }));
    try {
      const { stdout } = await print('aider', { config: false, upstream: provider.base });
      expect(variablesOf(stdout)['AIDER_MODEL']).to.equal('openai/their-model');
    } finally {
      await provider.stop();
    }
  });

  it('follows the flags for host and port, whatever the gateway listens on', async () => {
    const { stdout } = await print('openai', { ...FLAGS, host: '0.0.0.0', port: '5005', apiKey: KEY }, ZAI);
    expect(variablesOf(stdout)['OPENAI_BASE_URL']).to.equal('http://127.0.0.1:5005/v1');
    const six = await print('openai', { ...FLAGS, host: '::1' }, ZAI);
    expect(variablesOf(six.stdout)['OPENAI_BASE_URL']).to.equal('http://[::1]:4891/v1');
  });

  for (const [it_, flags, told] of [
    ['--write', { write: true }, '--write is for codex'],
    ['--catalog', { catalog: 'x.json' }, '--catalog is for codex'],
    ['a port that does not stay', { port: '0' }, '--port'],
  ] as const) {
    it(`refuses ${it_}, and prints nothing`, async () => {
      const printed = await print('claude', { ...FLAGS, ...flags }, ZAI).catch((thrown: Error) => thrown.message);
      expect(printed).to.be.a('string').and.include(told);
    });
  }

  it('has a test for each client', () => {
    expect([...Object.keys(VARIABLES), 'opencode']).to.have.members(Object.keys(CLIENT_CONFIGS));
  });
});

async function print(client: ConfiguredClient, flags: PrintFlags, variables: NodeJS.ProcessEnv = {}): Promise<{ stdout: string; stderr: string }> {
  const printed = { stdout: '', stderr: '' };
  const take = (stream: keyof typeof printed) => (text: string) => {
    printed[stream] += text;
  };
  await printClientConfig(client, flags, { variables, stdout: take('stdout'), stderr: take('stderr') });
  return printed;
}

/** What a shell makes of the lines; its own variables aside. */
function variablesOf(lines: string, variables: Record<string, string> = {}): Record<string, string> {
  const names = [...lines.matchAll(/^export (\w+)=/gm)].map(([, name]) => name ?? '');
  const words = ['-c', `${lines}\nfor name in ${names.join(' ')}; do eval "printf '%s\\0' \\"\\$$name\\""; done`];
  const values = execFileSync('sh', words, { env: { HOME: '/', ...variables }, encoding: 'utf8' }).split('\0');
  return Object.fromEntries(names.map((name, at) => [name, values[at] ?? '']));
}
