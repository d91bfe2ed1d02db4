import { expect } from 'chai';
import { GatewayError } from '../../core/contract/errors.ts';
import { kimi } from '../../presets/kimi.ts';
import { qwen } from '../../presets/qwen.ts';
import { ASKED, codexBody, PARAMETERS, said, TOOL } from '../support/codex-body.ts';
import { PresetProvider } from '../support/preset-provider.ts';
import { CALL, DONE, type Play, refusalsOf, withGateway } from '../support/strict-play.ts';
import { eventsOf, startGateway } from '../support/test-gateway.ts';

// biome-ignore lint/suspicious/noExplicitAny: bodies of any shape
type Loose = any;

const MODELS = { deepseek: 'deepseek-v4-pro', kimi: 'kimi-k2.6', qwen: 'qwen3.8-max', mistral: 'mistral-medium-latest' } as const;
type Name = keyof typeof MODELS;
const NAMES = Object.keys(MODELS) as Name[];

const NAMED = { type: 'function', name: 'read_file' };
/** A conversation that another model began, and its calls; its reasoning is gone. */
const FOREIGN = [
  ...ASKED,
  said('assistant', 'I look.'),
  { type: 'function_call', call_id: 'call_0fypS1hVX', name: 'read_file', arguments: '{"path":"README.md"}' },
  { type: 'function_call_output', call_id: 'call_0fypS1hVX', output: '# Title' },
];
const chatCall = { id: 'call_0fypS1hVX', type: 'function', function: { name: 'read_file', arguments: '{"path":"README.md"}' } };
const chatTool = { type: 'function', function: { name: 'read_file', parameters: { $schema: 'http://json-schema.org/draft-07/schema#', ...PARAMETERS } } };
const chatMessages = [
  { role: 'developer', content: 'You are helpful.' },
  { role: 'user', name: 'ann', content: [{ type: 'text', text: 'What does the README say?' }] },
  { role: 'assistant', content: null, tool_calls: [chatCall] },
  { role: 'tool', tool_call_id: 'call_0fypS1hVX', content: [{ type: 'text', text: '# Title' }] },
  { role: 'assistant', content: 'It says: Title.' },
  { role: 'user', content: 'Thanks.' },
];
const chatBody = (model: string, more: object = {}) => ({ model, stream: true, messages: chatMessages, tools: [chatTool], ...more });
const codexAt = '/v1/responses';
const chatAt = '/v1/chat/completions';
const messagesAt = '/v1/messages';
/** As a client asks that keeps no thinking. */
const messagesBody = (model: string) => ({
  model,
  max_tokens: 1_000,
  stream: true,
  messages: [
    { role: 'user', content: 'What does the README say?' },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'read_file', input: { path: 'README.md' } }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: '# Title' }] },
  ],
  tools: [{ name: 'read_file', input_schema: PARAMETERS }],
});

/** Two turns of Codex: the second brings back what the first was answered. */
async function converse({ provider, gateway }: Play, model: string): Promise<string[]> {
  const codex = { originator: 'codex_exec', 'user-agent': 'codex_exec/0.169.0 (Linux; x86_64)' };
  const ask = async (input: object[]): Promise<Loose> => eventsOf(await (await gateway.post(codexBody(model, input), codex)).text()).at(-1);
  const first = await ask(ASKED);
  expect(first.type, JSON.stringify(provider.refused)).to.equal('response.completed');
  const { output } = first.response;
  expect(output.map(({ type }: Loose) => type)).to.deep.equal(['reasoning', 'message', 'function_call']);
  const result = { type: 'function_call_output', call_id: output[2].call_id, output: '# Title' };
  const second = await ask([...ASKED, ...output, result]);
  return second.response.output.map((item: Loose) => item.content?.[0].text ?? item.summary?.[0].text);
}

describe('a provider that refuses what the real one refuses', () => {
  for (const name of NAMES) {
    it(`${name} lets two turns of Codex pass, with the reasoning of the first in the second`, () =>
      withGateway(name, [], [CALL, DONE], async (play) => {
        expect(await converse(play, MODELS[name])).to.deep.equal(['A title.', 'It says: Title.']);
        expect(play.provider.refused).to.deep.equal([]);
        expect(JSON.stringify(play.provider.asked[1]?.body.messages)).to.include(JSON.stringify(CALL.reasoning));
      }));

    it(`${name} lets a conversation pass that another model began, from Codex and from a Chat client`, async () => {
      expect(await refusalsOf(name, [], codexAt, codexBody(MODELS[name], FOREIGN))).to.deep.equal([]);
      expect(await refusalsOf(name, [], chatAt, chatBody(MODELS[name], { max_completion_tokens: 100, store: false }))).to.deep.equal([]);
    });
  }

  const schema = { text: { format: { type: 'json_schema', name: 'answer', schema: PARAMETERS } } };
  const rows: [Name, plugin: string, refusal: RegExp, path: string, body: object][] = [
    ['deepseek', 'developer-to-system', /unknown variant `developer`/, chatAt, chatBody(MODELS.deepseek)],
    ['deepseek', 'reasoning-replay', /must be passed back/, codexAt, codexBody(MODELS.deepseek, FOREIGN)],
    ['deepseek', 'reasoning-replay', /must be passed back/, chatAt, chatBody(MODELS.deepseek)],
    ['deepseek', 'reasoning-replay', /must be passed back/, messagesAt, messagesBody(MODELS.deepseek)],
    ['deepseek', 'reasoning-switch', /reasoning_effort: unknown variant/, codexAt, codexBody(MODELS.deepseek, ASKED, { tool_choice: undefined })],
    ['deepseek', 'tool-choice', /does not support this tool_choice/, codexAt, codexBody(MODELS.deepseek, ASKED)],
    ['deepseek', 'tool-choice', /does not support this tool_choice/, codexAt, codexBody(MODELS.deepseek, ASKED, { tool_choice: NAMED })],
    ['deepseek', 'flatten-content', /expected a string/, chatAt, chatBody(MODELS.deepseek)],
    ['deepseek', 'nonempty-assistant', /missing field `content`/, chatAt, chatBody(MODELS.deepseek)],
    ['deepseek', 'json-schema-prompt', /response_format type is unavailable/, codexAt, codexBody(MODELS.deepseek, ASKED, schema)],
    ['deepseek', 'strict-flag', /strict tools/, codexAt, codexBody(MODELS.deepseek, ASKED, { tools: [{ ...TOOL, strict: true }] })],
    ['kimi', 'reasoning-replay', /reasoning_content is missing/, codexAt, codexBody(MODELS.kimi, FOREIGN)],
    ['kimi', 'reasoning-replay', /reasoning_content is missing/, chatAt, chatBody(MODELS.kimi)],
    ['kimi', 'tool-choice', /'specified' is incompatible/, codexAt, codexBody(MODELS.kimi, ASKED, { tool_choice: NAMED })],
    ['kimi', 'tool-choice', /required is not supported/, codexAt, codexBody('kimi-k2.7-code', ASKED, { tool_choice: 'required' })],
    ['kimi', 'drop-params', /only 1 is allowed/, chatAt, chatBody(MODELS.kimi, { temperature: 0 })],
    ['kimi', 'nonempty-assistant', /must not be empty/, chatAt, chatBody(MODELS.kimi)],
    ['kimi', 'flatten-content', /must be a string/, chatAt, chatBody(MODELS.kimi)],
    ['kimi', 'strict-flag', /moonshot flavored/, codexAt, codexBody(MODELS.kimi, ASKED)],
    [
      'kimi',
      'tool-schema',
      /moonshot flavored/,
      codexAt,
      codexBody(MODELS.kimi, ASKED, { tools: [{ ...TOOL, parameters: { ...PARAMETERS, properties: { path: { const: 'a' } } } }] }),
    ],
    ['kimi', 'max-tokens', /counts as written/, codexAt, codexBody(MODELS.kimi, ASKED)],
    ['qwen', 'late-system', /must be at the beginning/, codexAt, codexBody(MODELS.qwen, [...ASKED, said('developer', 'Be brief.'), said('user', 'Go on.')])],
    ['qwen', 'tool-choice', /does not support being set to required or object/, codexAt, codexBody(MODELS.qwen, ASKED, { tool_choice: 'required' })],
    ['qwen', 'reasoning-switch', /reasoning_effort/, codexAt, codexBody(MODELS.qwen, ASKED, { reasoning: { effort: 'max' } })],
    ['qwen', 'flatten-content', /expected a string/, chatAt, chatBody('qwen3-coder-plus')],
    ['mistral', 'allow-params', /extra_forbidden.*stream_options/, codexAt, codexBody(MODELS.mistral, ASKED)],
    ['mistral', 'allow-params', /extra_forbidden.*store/, chatAt, chatBody(MODELS.mistral, { store: false })],
    ['mistral', 'tool-id', /Tool call id was call_0fypS1hVX/, codexAt, codexBody(MODELS.mistral, FOREIGN)],
    ['mistral', 'tool-id', /Tool call id was call_0fypS1hVX/, chatAt, chatBody(MODELS.mistral)],
    ['mistral', 'strip-names', /extra_forbidden.*name/, chatAt, chatBody(MODELS.mistral)],
    ['mistral', 'strip-nulls', /valid string/, chatAt, chatBody(MODELS.mistral)],
    ['mistral', 'tool-choice', /not one of auto, none, any/, codexAt, codexBody(MODELS.mistral, ASKED, { tool_choice: 'required' })],
    ['mistral', 'tool-schema', /Invalid tool schema/, chatAt, chatBody(MODELS.mistral)],
    ['mistral', 'assistant-bridge', /Unexpected role 'user'/, codexAt, codexBody(MODELS.mistral, [...FOREIGN, said('user', 'Go on.')])],
    [
      'mistral',
      'nonempty-assistant',
      /but not none/,
      chatAt,
      chatBody(MODELS.mistral, { messages: [{ role: 'assistant', content: '' }, ...chatMessages.slice(-1)] }),
    ],
    ['mistral', 'reasoning-switch', /not one of none, high/, codexAt, codexBody(MODELS.mistral, ASKED)],
    ['mistral', 'reasoning-switch', /not supported by this model/, codexAt, codexBody('devstral-latest', ASKED, { reasoning: { effort: 'high' } })],
  ];
  for (const [name, plugin, refusal, path, body] of rows) {
    it(`${name} refuses without ${plugin}, and not with it: ${refusal.source} (${path})`, async () => {
      expect((await refusalsOf(name, [plugin], path, body))[0]).to.match(refusal);
      expect(await refusalsOf(name, [], path, body)).to.deep.equal([]);
    });
  }

  it('mistral without thinking-chunks does not get back what it thought', () =>
    withGateway('mistral', ['thinking-chunks'], [CALL, DONE], async (play) => {
      await converse(play, MODELS.mistral).catch(() => {});
      expect(JSON.stringify(play.provider.asked.map(({ body }) => body.messages))).not.to.include(JSON.stringify(CALL.reasoning));
    }));
});

describe('a region', () => {
  for (const [name, create, hosts] of [
    ['kimi', kimi, ['api.moonshot.cn', 'api.moonshot.ai']],
    ['qwen', qwen, ['dashscope.aliyuncs.com', 'dashscope-intl.aliyuncs.com']],
  ] as const) {
    it(`of ${name} is the mainland unless another is set, for each of its endpoints`, () => {
      const hostsOf = (region?: 'cn' | 'intl') => Object.values(create(region && { region }).endpoints).map((base) => new URL(base).host);
      expect([new Set(hostsOf()), new Set(hostsOf('cn')), new Set(hostsOf('intl'))]).to.deep.equal([
        new Set([hosts[0]]),
        new Set([hosts[0]]),
        new Set([hosts[1]]),
      ]);
    });

    for (const region of ['mars', '__proto__', '', 7, null]) {
      it(`of ${name} that is ${JSON.stringify(region)} is refused, and what there is is named`, () => {
        expect(() => create({ region: region as never }))
          .to.throw(GatewayError, `preset "${name}": there is no region "${region}"; expected one of cn, intl`)
          .with.property('code', 'config_invalid');
      });
    }
  }

  it('is named with the other one where the key is refused, also natively', async () => {
    const provider = await PresetProvider.start('kimi');
    const gateway = await startGateway({ preset: kimi({ region: 'intl', endpoints: { chat: provider.base }, apiKey: 'another-key-entirely' }) });
    try {
      for (const [path, body] of [
        [codexAt, codexBody('kimi-k3', ASKED)],
        [chatAt, chatBody('kimi-k3')],
      ] as const)
        expect(await (await gateway.post(body, {}, path)).text()).to.include('this gateway uses region \\"intl\\": set region \\"cn\\"');
    } finally {
      await gateway.stop();
      await provider.stop();
    }
  });
});
