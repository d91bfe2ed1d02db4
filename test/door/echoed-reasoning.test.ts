import { expect } from 'chai';
import { anthropic } from '../../presets/anthropic.ts';
import { gemini } from '../../presets/gemini.ts';
import { openai } from '../../presets/openai.ts';
import { openrouter } from '../../presets/openrouter.ts';
import { ScriptedProvider, sse } from '../support/scripted-provider.ts';
import { startGateway, type TestGateway } from '../support/test-gateway.ts';

// biome-ignore lint/suspicious/noExplicitAny: bodies of any shape
type Loose = any;

const THOUGHT = 'I had better look.';
const SCHEMA = { type: 'object', properties: { at: { type: 'string' } }, required: ['at'] };
const AT = '{"at":"sky"}';

/** A turn that thinks and calls `look`, as each provider seals its thoughts. */
const SIGNED = sse(
  ...[
    { type: 'message_start', message: { id: 'msg_1', role: 'assistant', content: [], usage: { input_tokens: 9, output_tokens: 1 } } },
    { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: THOUGHT } },
    { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'EqRk' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'content_block_start', index: 1, content_block: { type: 'tool_use', id: 'toolu_1', name: 'look', input: {} } },
    { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: AT } },
    { type: 'content_block_stop', index: 1 },
    { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 9 } },
    { type: 'message_stop' },
  ].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
);
const thought = { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: THOUGHT }], encrypted_content: 'gAAAAsealed' };
const call = { type: 'function_call', id: 'fc_1', call_id: 'toolu_1', name: 'look', arguments: AT };
const ENCRYPTED = sse(
  { type: 'response.output_item.added', output_index: 0, item: { ...thought, summary: [], encrypted_content: '' } },
  { type: 'response.reasoning_summary_text.delta', output_index: 0, summary_index: 0, delta: THOUGHT },
  { type: 'response.output_item.done', output_index: 0, item: thought },
  { type: 'response.output_item.added', output_index: 1, item: { ...call, arguments: '' } },
  { type: 'response.output_item.done', output_index: 1, item: call },
  { type: 'response.completed', response: { id: 'resp_1', object: 'response', status: 'completed', output: [thought, call] } },
);
const details = [
  { type: 'reasoning.text', text: THOUGHT, signature: 'EqRk', index: 0 },
  { type: 'reasoning.encrypted', data: 'gAAAAsealed', index: 1 },
];
const chatCall = (extra: object = {}) => ({ index: 0, id: 'toolu_1', type: 'function', function: { name: 'look', arguments: AT }, ...extra });
const chatSse = (delta: object) =>
  sse(
    { choices: [{ index: 0, delta: { role: 'assistant', ...delta } }] },
    { choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] },
    'data: [DONE]\n\n',
  );
const DETAILED = chatSse({ reasoning: THOUGHT, reasoning_details: details, tool_calls: [chatCall()] });
const SIGNED_CALL = chatSse({ reasoning_content: THOUGHT, tool_calls: [chatCall({ extra_content: { google: { thought_signature: 'CiQsig' } } })] });

const assistant = (body: Loose): Loose => body.messages.find(({ role }: Loose) => role === 'assistant');
/** What each provider must get back, and how it says it. */
const PROVIDERS = {
  'Messages, signed': {
    preset: anthropic,
    dialect: 'messages',
    answer: SIGNED,
    sealed: (body: Loose) => assistant(body).content[0],
    is: { type: 'thinking', thinking: THOUGHT, signature: 'EqRk' },
  },
  'Responses, encrypted': {
    preset: openai,
    dialect: 'responses',
    answer: ENCRYPTED,
    sealed: (body: Loose) => body.input.filter(({ type }: Loose) => type === 'reasoning').map((item: Loose) => item.encrypted_content),
    is: ['gAAAAsealed'],
  },
  'OpenRouter, with details': {
    preset: openrouter,
    dialect: 'chat',
    answer: DETAILED,
    sealed: (body: Loose) => assistant(body).reasoning_details,
    is: details,
  },
  'Gemini, a signed call': {
    preset: gemini,
    dialect: 'chat',
    answer: SIGNED_CALL,
    sealed: (body: Loose) => assistant(body).tool_calls[0].extra_content?.google.thought_signature,
    is: 'CiQsig',
  },
} as const;

/** How clients give back what they were shown of the thoughts, without what is sealed. */
const CHAT_ECHOES: Record<string, object> = {
  reasoning_content: { reasoning_content: THOUGHT },
  reasoning: { reasoning: THOUGHT },
  'reasoning_details without a seal': { reasoning_details: [{ type: 'reasoning.text', text: THOUGHT }] },
  'reasoning_content that it shortened': { reasoning_content: THOUGHT.slice(0, 5) },
  nothing: {},
};
const RESPONSES_ECHOES: Record<string, object[]> = {
  'a reasoning item without its seal': [{ type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: THOUGHT }] }],
  'a reasoning item with an empty seal': [{ type: 'reasoning', summary: [{ type: 'summary_text', text: THOUGHT }], encrypted_content: null }],
  'two reasoning items': ['I had', 'better look.'].map((text) => ({ type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text }] })),
  nothing: [],
};

describe('a client that gives reasoning back without its seal', () => {
  let provider: ScriptedProvider;
  let gateway: TestGateway;

  afterEach(() => Promise.all([gateway.stop(), provider.stop()]));

  for (const [name, { preset, dialect, answer, sealed, is }] of Object.entries(PROVIDERS)) {
    const start = async () => {
      provider = await ScriptedProvider.start(answer);
      gateway = await startGateway({
        preset: { ...preset(), apiKey: 'test-key-of-the-provider', endpoints: { [dialect]: provider.base } },
        lane: 'translated',
      });
    };
    const ask = async (path: string, body: object) => {
      const answered = await gateway.post({ model: 'gemini-3-flash', ...body }, {}, path);
      return (await answered.json()) as Loose;
    };

    for (const [echo, fields] of Object.entries(CHAT_ECHOES)) {
      it(`keeps the sealed thoughts in Chat: ${name}, ${echo}`, async () => {
        await start();
        const tools = [{ type: 'function', function: { name: 'look', parameters: SCHEMA } }];
        const asked = { reasoning_effort: 'medium', max_completion_tokens: 20_000, tools };
        const first = [{ role: 'user', content: 'which colour?' }];
        const { choices } = await ask('/v1/chat/completions', { ...asked, messages: first });
        const [{ id }] = choices[0].message.tool_calls;
        const said = { role: 'assistant', content: null, tool_calls: [{ id, type: 'function', function: { name: 'look', arguments: AT } }], ...fields };
        await ask('/v1/chat/completions', { ...asked, messages: [...first, said, { role: 'tool', tool_call_id: id, content: 'it is blue' }] });
        expect(sealed(provider.asked[1]?.body)).to.deep.equal(is);
        if (dialect === 'messages') expect(provider.asked[1]?.body.thinking.type).to.equal('enabled');
      });
    }

    for (const [echo, items] of Object.entries(RESPONSES_ECHOES)) {
      it(`keeps the sealed thoughts in Responses: ${name}, ${echo}`, async () => {
        await start();
        const asked = {
          reasoning: { effort: 'medium' },
          max_output_tokens: 20_000,
          tools: [{ type: 'function', name: 'look', parameters: SCHEMA }],
          store: false,
        };
        const first = [{ type: 'message', role: 'user', content: 'which colour?' }];
        const { output } = await ask('/v1/responses', { ...asked, input: first });
        const { call_id } = output.find(({ type }: Loose) => type === 'function_call');
        const calls = [
          { type: 'function_call', call_id, name: 'look', arguments: AT },
          { type: 'function_call_output', call_id, output: 'it is blue' },
        ];
        await ask('/v1/responses', { ...asked, input: [...first, ...items, ...calls] });
        expect(sealed(provider.asked[1]?.body)).to.deep.equal(is);
        if (dialect === 'messages') expect(provider.asked[1]?.body.thinking.type).to.equal('enabled');
      });
    }
  }

  it('keeps them on every later turn, though it sends details of its own making and was shown sealed ones', async () => {
    provider = await ScriptedProvider.start(SIGNED);
    gateway = await startGateway({ preset: { ...anthropic(), apiKey: 'test-key-of-the-provider', endpoints: { messages: provider.base } } });
    const tools = [{ type: 'function', function: { name: 'look', parameters: SCHEMA } }];
    const messages: Loose[] = [{ role: 'user', content: 'which colour?' }];
    for (const _ of [1, 2, 3]) {
      const response = await gateway.post({ model: 'm', reasoning_effort: 'medium', tools, messages }, {}, '/v1/chat/completions');
      const { choices } = (await response.json()) as Loose;
      const { tool_calls } = choices[0].message;
      messages.push({ role: 'assistant', content: null, tool_calls, reasoning_details: [{ type: 'reasoning.text', text: THOUGHT }] });
      messages.push({ role: 'tool', tool_call_id: tool_calls[0].id, content: 'it is blue' });
    }
    const turns = provider.asked[2]?.body.messages.filter(({ role }: Loose) => role === 'assistant');
    expect(turns.map(({ content }: Loose) => content.map(({ type }: Loose) => type))).to.deep.equal(Array(2).fill(['thinking', 'tool_use']));
  });
});
