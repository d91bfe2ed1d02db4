import { expect } from 'chai';
import { CountingClock } from '../../core/fixtures/counting-clock.ts';
import { findPreset } from '../../core/pipeline/catalogue.ts';
import { groq } from '../../presets/groq.ts';
import { ASKED, codexBody, PARAMETERS, TOOL } from '../support/codex-body.ts';
import { json, ScriptedProvider, says } from '../support/scripted-provider.ts';
import { type StrictPreset, startStrict } from '../support/strict-presets.ts';
import { eventsOf, startGateway, type TestGateway } from '../support/test-gateway.ts';
import type { Turn } from '../support/turn.ts';

// biome-ignore lint/suspicious/noExplicitAny: bodies of any shape
type Loose = any;

/** The dialect each preset asks first, and a model of it. */
const PRESETS = {
  groq: ['chat', 'openai/gpt-oss-120b'],
  xai: ['responses', 'grok-4.7'],
  openrouter: ['chat', 'anthropic/claude-sonnet-5'],
  openai: ['responses', 'gpt-5.5'],
  anthropic: ['messages', 'claude-opus-5-5'],
  gemini: ['chat', 'gemini-3.8-flash'],
} as const;
type Name = keyof typeof PRESETS;
const NAMES = Object.keys(PRESETS) as Name[];
const modelOf = (name: Name): string => PRESETS[name][1];

const CHOICE = { ...TOOL, name: 'choose', parameters: { anyOf: [PARAMETERS, { type: 'object', properties: { id: { type: 'string' } } }] } };
const NAMESPACE = { type: 'namespace', name: 'mcp__docs', description: 'Docs.', tools: [TOOL] };
const CUSTOM = { type: 'custom', name: 'apply_patch', description: 'Edits files.', format: { type: 'text' } };
const CALL: Turn = { thinking: 'The README,\n of course. 🤔', calls: [{ name: 'read_file', input: { path: 'README.md' } }] };
const DONE: Turn = { thinking: 'A title.', text: 'It says: Title.' };
const CODEX = { originator: 'codex_exec', 'user-agent': 'codex_exec/0.169.0 (Linux; x86_64)' };
const LONG = 'call_'.padEnd(80, 'x');
/** A conversation that another model began; its reasoning is gone. */
const foreign = (call_id = 'call_0fypS1hVX') => [
  ...ASKED,
  { type: 'function_call', call_id, name: 'read_file', arguments: '{"path":"README.md"}' },
  { type: 'function_call_output', call_id, output: '# Title' },
];
const SESSION = { instructions: 'You are Codex.', client_metadata: { session_id: '1' } };
const codexOf = (model: string, input: object[], more: object = {}) => codexBody(model, input, { ...SESSION, ...more });
const chatCall = { id: 'call_0fypS1hVX', type: 'function', function: { name: 'read_file', arguments: '{}' } };
const chatTool = { type: 'function', function: { name: 'read_file', parameters: PARAMETERS } };
const chatBody = (model: string, more: object = {}) => ({
  model,
  stream: true,
  messages: [
    { role: 'user', content: 'What does the README say?' },
    { role: 'assistant', content: 'I look.', tool_calls: [chatCall] },
    { role: 'tool', tool_call_id: 'call_0fypS1hVX', content: '# Title' },
    { role: 'assistant', content: 'It says: Title.' },
    { role: 'user', content: 'Thanks.' },
  ],
  tools: [chatTool],
  ...more,
});
const AT = { codex: '/v1/responses', chat: '/v1/chat/completions' } as const;

interface Play {
  provider: StrictPreset;
  gateway: TestGateway;
}

async function withGateway<Result>(name: Name, run: (play: Play) => Promise<Result>, options: { dialect?: 'chat'; disable?: string[] } = {}): Promise<Result> {
  const { dialect = PRESETS[name][0], disable = [] } = options;
  const provider = await startStrict(name, options.dialect);
  const preset = (await findPreset(name))({ endpoints: { [dialect]: provider.base }, apiKey: provider.key, retries: { times: 0 } });
  const gateway = await startGateway({ preset, disable });
  try {
    return await run({ provider, gateway });
  } finally {
    await gateway.stop();
    await provider.stop();
  }
}

/** Two turns of a client of Responses: the second brings back what the first was answered, or all of it but the reasoning. */
async function converse({ provider, gateway }: Play, name: Name, keeps: boolean): Promise<string> {
  provider.script(CALL, DONE);
  const more = keeps ? {} : { include: undefined, reasoning: { effort: 'medium' } };
  const ask = async (input: object[]): Promise<Loose> =>
    eventsOf(await (await gateway.post(codexOf(modelOf(name), input, more), keeps ? CODEX : {})).text()).at(-1);
  const first = await ask(ASKED);
  expect(first.type, JSON.stringify(provider.refused)).to.equal('response.completed');
  const output: Loose[] = first.response.output.filter(({ type }: Loose) => keeps || type !== 'reasoning');
  const { call_id } = output.find(({ type }) => type === 'function_call');
  const second = await ask([...ASKED, ...output, { type: 'function_call_output', call_id, output: '# Title' }]);
  expect(provider.refused).to.deep.equal([]);
  return second.response.output.at(-1).content[0].text;
}

/** What a provider had against a request. */
function refusalsOf(name: Name, path: string, body: object, options: { dialect?: 'chat'; disable?: string[] }): Promise<readonly string[]> {
  return withGateway(
    name,
    async ({ provider, gateway }) => {
      provider.script({ text: 'It says: Title.' });
      await (await gateway.post(body, {}, path)).text();
      expect(provider.asked).to.have.length(1);
      return provider.refused;
    },
    options,
  );
}

describe('a provider that refuses what the real one refuses, second part', () => {
  for (const name of NAMES) {
    it(`${name} lets two turns of Codex pass, the second with what the first thought`, () =>
      withGateway(name, async (play) => expect(await converse(play, name, true)).to.equal('It says: Title.')));

    it(`${name} lets a conversation pass that another model began, natively too`, async () => {
      expect(await refusalsOf(name, AT.codex, codexOf(modelOf(name), foreign()), {})).to.deep.equal([]);
      if (name !== 'anthropic' && name !== 'gemini') expect(await refusalsOf(name, AT.chat, chatBody(modelOf(name)), { dialect: 'chat' })).to.deep.equal([]);
    });
  }

  for (const name of ['groq', 'xai', 'openrouter', 'anthropic', 'gemini'] as const) {
    it(`${name} gets its reasoning back from a client that does not keep it`, () =>
      withGateway(name, async (play) => expect(await converse(play, name, false)).to.equal('It says: Title.')));
  }

  const schema = { text: { format: { type: 'json_schema', name: 'answer', schema: PARAMETERS } } };
  const named = chatBody('m').messages.map((message) => ({ ...message, ...(message.role === 'user' && { name: 'ann' }) }));
  const thought = chatBody('m').messages.map((message) => ({ ...message, ...(message.role === 'assistant' && { reasoning_content: 'Hm.' }) }));
  const { codex, chat } = AT;
  const inChat = { dialect: 'chat' } as const;
  const rows: [Name, plugin: string, refusal: RegExp, path: string, body: (model: string) => object, at?: typeof inChat][] = [
    ['groq', 'drop-params', /property is unsupported/, chat, (model) => chatBody(model, { store: false })],
    ['groq', 'strip-names', /property 'name'/, chat, (model) => chatBody(model, { messages: named })],
    ['groq', 'strip-nulls', /null is none/, codex, (model) => codexOf(model, foreign())],
    ['groq', 'reasoning-field', /'reasoning_content' is unsupported/, chat, (model) => chatBody(model, { messages: thought })],
    ['groq', 'max-tokens', /use max_completion_tokens/, codex, (model) => codexOf(model, ASKED, { max_output_tokens: 100 })],
    ['groq', 'reasoning-switch', /reasoning_effort is not supported/, codex, (model) => codexOf(model, ASKED, { reasoning: { effort: 'xhigh' } })],
    ['groq', 'reasoning-switch', /reasoning_effort is not supported/, codex, () => codexOf('llama-3.3-70b-versatile', ASKED)],
    ['groq', 'reasoning-switch', /reasoning_effort is not supported/, codex, () => codexOf('qwen/qwen3-32b', ASKED)],
    ['groq', 'json-schema-prompt', /does not support json_schema/, codex, () => codexOf('qwen/qwen3-32b', ASKED, { ...schema, tools: [] })],
    [
      'groq',
      'tool-schema',
      /\$schema is not supported/,
      codex,
      (model) => codexOf(model, ASKED, { tools: [{ ...TOOL, parameters: { ...PARAMETERS, properties: { path: { $schema: 'x' } } } }] }),
    ],
    ['xai', 'namespaces', /unknown variant `namespace`/, codex, (model) => codexOf(model, ASKED, { tools: [TOOL, NAMESPACE] })],
    ['xai', 'custom-tools', /unknown variant `custom`/, codex, (model) => codexOf(model, ASKED, { tools: [TOOL, CUSTOM] })],
    ['xai', 'effort-words', /reasoning.summary/, codex, (model) => codexOf(model, ASKED)],
    ['xai', 'tool-schema', /root of a schema/, codex, (model) => codexOf(model, ASKED, { tools: [CHOICE] })],
    ['xai', 'effort-words', /does not support reasoning_effort/, chat, () => chatBody('grok-code-fast-1', { reasoning_effort: 'high' }), inChat],
    ['xai', 'effort-words', /Invalid reasoning effort/, chat, (model) => chatBody(model, { reasoning_effort: 'max' }), inChat],
    ['xai', 'drop-params', /logit_bias/, chat, (model) => chatBody(model, { logit_bias: { 1: 1 } }), inChat],
    ['xai', 'drop-params', /not supported on this model/, chat, (model) => chatBody(model, { stop: ['x'] }), inChat],
    ['xai', 'strip-names', /unknown field name/, chat, (model) => chatBody(model, { messages: named }), inChat],
    ['xai', 'reasoning-field', /unknown field reasoning_content/, chat, (model) => chatBody(model, { messages: thought }), inChat],
    ['xai', 'strict-flag', /unknown field strict/, codex, (model) => codexOf(model, ASKED), inChat],
    ['xai', 'tool-schema', /root of a schema/, codex, (model) => codexOf(model, ASKED, { tools: [CHOICE] }), inChat],
    ['openrouter', 'effort-words', /Reasoning is mandatory/, codex, () => codexOf('google/gemini-3.1-pro-preview', ASKED, { reasoning: { effort: 'none' } })],
    ['openrouter', 'reasoning-field', /Extra inputs/, chat, (model) => chatBody(model, { messages: thought })],
    ['openai', 'effort-words', /Unsupported value: 'max'/, codex, (model) => codexOf(model, ASKED, { reasoning: { effort: 'max' } })],
    ['openai', 'effort-words', /reasoning.effort/, codex, () => codexOf('gpt-4.1', ASKED)],
    ['openai', 'drop-params', /'temperature' is not supported/, codex, (model) => codexOf(model, ASKED, { temperature: 0 })],
    ['openai', 'tool-id', /string too long/, codex, (model) => codexOf(model, foreign(LONG))],
    ['openai', 'max-tokens', /'max_tokens' is not supported/, chat, (model) => chatBody(model, { max_tokens: 100 }), inChat],
    ['openai', 'drop-params', /'temperature' is not supported/, chat, (model) => chatBody(model, { temperature: 0 }), inChat],
    ['openai', 'reasoning-field', /reasoning_content/, chat, (model) => chatBody(model, { messages: thought }), inChat],
    ['openai', 'tool-id', /string too long/, codex, (model) => codexOf(model, foreign(LONG)), inChat],
    ['openai', 'effort-words', /Unsupported value/, chat, (model) => chatBody(model, { reasoning_effort: 'minimal-ish' }), inChat],
    ['anthropic', 'adaptive-thinking', /"enabled" is not supported/, codex, (model) => codexOf(model, ASKED)],
    ['anthropic', 'adaptive-thinking', /"disabled" is not supported/, codex, (model) => codexOf(model, ASKED, { reasoning: { effort: 'none' } })],
    ['anthropic', 'drop-params', /temperature: not supported/, codex, (model) => codexOf(model, ASKED, { temperature: 0.5, reasoning: {} })],
    ['anthropic', 'tool-id', /a tool_use with id/, codex, (model) => codexOf(model, foreign('functions.read_file:0'))],
    ['gemini', 'drop-params', /Unknown name ..store/, chat, (model) => chatBody(model, { store: true, messages: [{ role: 'user', content: 'hi' }] })],
    ['gemini', 'strict-flag', /Unknown name ..strict/, codex, (model) => codexOf(model, ASKED)],
    [
      'gemini',
      'tool-schema',
      /Unknown name ..\$ref/,
      codex,
      (model) => codexOf(model, ASKED, { tools: [{ ...TOOL, parameters: { ...PARAMETERS, properties: { path: { type: ['string', 'null'] } } } }] }),
    ],
    ['gemini', 'effort-words', /Thinking level/, codex, () => codexOf('gemini-3.1-pro-preview', ASKED)],
    ['gemini', 'unsigned-calls', /missing a thought_signature/, codex, (model) => codexOf(model, foreign())],
    [
      'gemini',
      'reasoning-field',
      /reasoning_content/,
      chat,
      (model) => chatBody(model, { messages: [{ role: 'assistant', content: 'a', reasoning_content: 'b' }] }),
    ],
  ];
  for (const [name, plugin, refusal, path, body, at = {}] of rows) {
    const model = modelOf(name);
    it(`${name} refuses without ${plugin}, and not with it: ${refusal.source} (${path}${'dialect' in at ? ', by Chat' : ''})`, async () => {
      expect((await refusalsOf(name, path, body(model), { ...at, disable: [plugin] }))[0]).to.match(refusal);
      expect(await refusalsOf(name, path, body(model), at)).to.deep.equal([]);
    });
  }

  for (const [name, plugin] of [
    ['openrouter', 'reasoning-details'],
    ['gemini', 'extra-content'],
    ['groq', 'reasoning-field'],
  ] as const) {
    it(`${name} without ${plugin} does not get back what it gave`, () =>
      withGateway(
        name,
        async (play) => {
          await converse(play, name, true).catch(() => {});
          expect(play.provider.refused[0]).to.match(/cannot be modified|Extra inputs|thought.signature|not what it was|reasoning_content/);
        },
        { disable: [plugin] },
      ));
  }
});

describe('what the model itself did wrong', () => {
  it('groq is asked once more where the model could not spell its call', async () => {
    const failed = { error: { message: 'Failed to call a function.', type: 'invalid_request_error', code: 'tool_use_failed', failed_generation: '<f>' } };
    const provider = await ScriptedProvider.start(json(400, failed), says('Now it works.'));
    const clock = new CountingClock();
    const gateway = await startGateway({ preset: groq({ endpoints: { chat: provider.base }, apiKey: 'key-of-the-tests-0123456789' }), clock });
    try {
      const answer = gateway.post(codexOf('openai/gpt-oss-120b', ASKED), CODEX);
      while (provider.asked.length < 2) {
        for (const wait of clock.pending.filter((each) => each < 1_000)) clock.advance(wait);
        await new Promise(setImmediate);
      }
      expect(await (await answer).text()).to.include('Now it works.');
    } finally {
      await gateway.stop();
      await provider.stop();
    }
  });
});

describe('what happens to Codex and Claude Code where their dialect is spoken', () => {
  it('openai gets nothing of what Codex tells of itself, and its sealed reasoning comes back untouched', () =>
    withGateway('openai', async (play) => {
      await converse(play, 'openai', true);
      const [, second] = play.provider.asked;
      expect(second).not.to.have.property('client_metadata');
      const { encrypted_content: sealed } = second.input.find(({ type }: Loose) => type === 'reasoning');
      expect(sealed).to.match(/^gAAAA/);
    }));

  for (const [name, headers, path, body, status, told] of [
    ['openai', CODEX, AT.codex, codexOf('gpt-5.5', ASKED), 400, /refused the API key/],
    [
      'anthropic',
      { 'user-agent': 'claude-cli/2.1.0 (external, cli)' },
      '/v1/messages',
      { model: 'claude-opus-5-5', max_tokens: 9, stream: true, messages: [{ role: 'user', content: 'hi' }] },
      403,
      /refused the API key/,
    ],
  ] as const) {
    it(`${name}: a refused key is told natively in the words the client understands`, async () => {
      const provider = await ScriptedProvider.start(json(401, { error: { type: 'authentication_error', message: 'invalid key sk-1234567890' } }));
      const preset = (await findPreset(name))({ endpoints: { [PRESETS[name][0]]: provider.base }, apiKey: 'key-of-the-tests-0123456789' });
      const gateway = await startGateway({ preset });
      try {
        const response = await gateway.post(body, headers, path);
        expect(response.status).to.equal(status);
        expect(await response.text())
          .to.match(told)
          .and.not.include('sk-1234567890');
      } finally {
        await gateway.stop();
        await provider.stop();
      }
    });
  }

  it('xai, which knows functions only, is never asked natively by a client of Responses', () =>
    withGateway('xai', async ({ provider, gateway }) => {
      provider.script(DONE);
      await (await gateway.post(codexOf('grok-4.7', ASKED, { tools: [TOOL, NAMESPACE, CUSTOM] }), CODEX)).text();
      expect(provider.refused).to.deep.equal([]);
      expect(provider.asked[0].tools.map(({ type, name }: Loose) => `${type} ${name}`)).to.deep.equal([
        'function read_file',
        'function mcp__docs__read_file',
        'function apply_patch',
      ]);
      expect(gateway.lines.find(({ lane }) => lane)?.['lane']).to.equal('translated');
    }));
});
