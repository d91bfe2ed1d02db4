import { expect } from 'chai';
import { type Pair, startPair } from '../support/pair.ts';
import { says } from '../support/scripted-provider.ts';

type Row = [path: string, body: object | string];

const QUESTION = { role: 'user', content: 'hi' };
const ADD = { name: 'add', input_schema: { type: 'object' } };
const USE = { type: 'tool_use', id: 'a', name: 'add', input: {} };
const LONG = 5_000;
const messages = (...told: unknown[]) => ({ messages: told });
const user = (...content: unknown[]) => messages({ role: 'user', content });
const assistant = (...content: unknown[]) => messages(QUESTION, { role: 'assistant', content });
const image = (source: unknown) => user({ type: 'image', source });
const document = (told: object) => user({ type: 'document', ...told });
const result = (told: object) => user({ type: 'tool_result', tool_use_id: 'a', ...told });
const tool = (told: unknown) => ({ tools: [ADD, told] });

/** What is refused, and the path it is refused for. */
const ROWS: Row[] = [
  ['', '{"model":"m","messages":'],
  ['', '[]'],
  ['__proto__', '{"model":"m","messages":[{"role":"user","content":"hi"}],"__proto__":{}}'],
  ['model', { model: undefined }],
  ['model', { model: '' }],
  ['model', { model: 7 }],
  ['messages', { messages: undefined }],
  ['messages', { messages: [] }],
  ['messages', { messages: 'hi' }],
  ['messages.0', messages('hi')],
  ['messages.1', messages(QUESTION, null)],
  ['messages.0.role', messages({ content: 'hi' })],
  ['messages.0.role', messages({ role: 'developer', content: 'hi' })],
  ['messages.0.role', messages({ role: '__proto__', content: 'hi' })],
  ['messages.0.content', messages({ role: 'user', content: 7 })],
  ['messages.0.content', messages({ role: 'system', content: {} })],
  ['messages.0.content.0', user('hi')],
  ['messages.0.content.0.type', user({ text: 'hi' })],
  ['messages.0.content.0.type', user({ type: 7 })],
  ['messages.0.content.0.text', user({ type: 'text' })],
  ['messages.0.content.1.text', user({ type: 'text', text: 'a' }, { type: 'text', text: 7 })],
  ['messages.0.output_config', messages({ role: 'system', content: 'a', output_config: 7 })],
  ['messages.0.output_config.effort', messages({ role: 'system', content: 'a', output_config: { effort: 7 } })],
  ['messages.0.content.0.source', image(undefined)],
  ['messages.0.content.0.source.type', image({})],
  ['messages.0.content.0.source.data', image({ type: 'base64', media_type: 'image/png' })],
  ['messages.0.content.0.source.media_type', image({ type: 'base64', data: 'AAAA' })],
  ['messages.0.content.0.source.url', image({ type: 'url' })],
  ['messages.0.content.0.source', document({})],
  ['messages.0.content.0.source.data', document({ source: { type: 'text' } })],
  ['messages.0.content.0.source.content', document({ source: { type: 'content', content: 7 } })],
  ['messages.0.content.0.source.content.0.text', document({ source: { type: 'content', content: [{ type: 'text' }] } })],
  ['messages.0.content.0.title', document({ source: { type: 'text', data: 'a' }, title: 7 })],
  ['messages.0.content.0.title', user({ type: 'search_result', source: 'x', content: [] })],
  ['messages.0.content.0.content', user({ type: 'search_result', title: 'T', source: 'x' })],
  ['messages.0.content.0.tool_use_id', user({ type: 'tool_result', content: 'x' })],
  ['messages.0.content.0.content', result({ content: 7 })],
  ['messages.0.content.0.is_error', result({ is_error: 'yes' })],
  ['messages.0.content.0.content.0.text', result({ content: [{ type: 'text' }] })],
  ['messages.0.content.0.content.0.source', result({ content: [{ type: 'image' }] })],
  ['messages.0.content.0.content.0.tool_name', result({ content: [{ type: 'tool_reference' }] })],
  ['messages.0.content.0.type', user(USE)],
  ['messages.0.content.0.type', user({ type: 'thinking', thinking: 'x', signature: 'y' })],
  ['messages.1.content.0.type', assistant({ type: 'tool_result', tool_use_id: 'a' })],
  ['messages.1.content.0.type', assistant({ type: 'image', source: { type: 'url', url: 'https://x.test' } })],
  ['messages.1.content.0.id', assistant({ ...USE, id: undefined })],
  ['messages.1.content.0.id', assistant({ ...USE, id: '' })],
  ['messages.1.content.0.name', assistant({ ...USE, name: 7 })],
  ['messages.1.content.0.input', assistant({ ...USE, input: undefined })],
  ['messages.1.content.0.input', assistant({ ...USE, input: 7 })],
  ['messages.1.content.0.thinking', assistant({ type: 'thinking', signature: 'x' })],
  ['messages.1.content.0.signature', assistant({ type: 'thinking', thinking: 'x', signature: 7 })],
  ['messages.1.content.0.data', assistant({ type: 'redacted_thinking' })],
  ['system', { system: 7 }],
  ['system.0.text', { system: [{ type: 'text' }] }],
  ['system.0.type', { system: [{ type: 'image' }] }],
  ['max_tokens', { max_tokens: '100' }],
  ['max_tokens', { max_tokens: 0 }],
  ['max_tokens', { max_tokens: 1.5 }],
  ['stream', { stream: 'yes' }],
  ['temperature', { temperature: 'hot' }],
  ['temperature', { temperature: 1.5 }],
  ['top_p', { top_p: -1 }],
  ['top_k', { top_k: 0.5 }],
  ['stop_sequences', { stop_sequences: 'END' }],
  ['stop_sequences.1', { stop_sequences: ['END', 7] }],
  ['stop_sequences.0', { stop_sequences: [''] }],
  ['thinking', { thinking: true }],
  ['thinking.type', { thinking: { type: 'sometimes' } }],
  ['thinking.budget_tokens', { thinking: { type: 'enabled' } }],
  ['thinking.budget_tokens', { thinking: { type: 'enabled', budget_tokens: 1023 } }],
  ['thinking.display', { thinking: { type: 'adaptive', display: 7 } }],
  ['output_config.effort', { output_config: { effort: 7 } }],
  ['output_config.format.type', { output_config: { format: { type: 'xml' } } }],
  ['output_config.format.schema', { output_config: { format: { type: 'json_schema' } } }],
  ['output_format.schema', { output_format: { type: 'json_schema', schema: 'x' } }],
  ['tools', { tools: {} }],
  ['tools.1', tool('add')],
  ['tools.1', tool(null)],
  ['tools.1.name', tool({ input_schema: {} })],
  ['tools.1.name', tool({ name: '', input_schema: {} })],
  ['tools.1.name', tool({ type: 'bash_20250124' })],
  ['tools.1.type', tool({ type: 7, name: 'a' })],
  ['tools.1.input_schema', tool({ name: 'a' })],
  ['tools.1.input_schema', tool({ name: 'a', input_schema: 'object' })],
  ['tools.1.description', tool({ name: 'a', description: 7, input_schema: {} })],
  ['tools.1.defer_loading', tool({ name: 'a', input_schema: {}, defer_loading: 'yes' })],
  ['tool_choice', { tools: [ADD], tool_choice: 'auto' }],
  ['tool_choice.type', { tools: [ADD], tool_choice: { type: 'all' } }],
  ['tool_choice.name', { tools: [ADD], tool_choice: { type: 'tool' } }],
  ['tool_choice.name', { tools: [ADD], tool_choice: { type: 'tool', name: 'sub' } }],
  ['tool_choice.name', { tool_choice: { type: 'tool', name: '__proto__' } }],
  ['tool_choice.disable_parallel_tool_use', { tools: [ADD], tool_choice: { type: 'auto', disable_parallel_tool_use: 'yes' } }],
  ['tool_choice', { tools: [{ type: 'web_search_20250305', name: 'web_search' }], tool_choice: { type: 'tool', name: 'web_search' } }],
  ['metadata', { metadata: 'me' }],
  ['metadata.user_id', { metadata: { user_id: 7 } }],
  ['service_tier', { service_tier: 7 }],
  ['mcp_servers', { mcp_servers: 'x' }],
  ['thread', { thread: { type: 'create' } }],
];

describe('bad input to the Messages front door', () => {
  let pair: Pair;
  before(async () => {
    pair = await startPair({ lane: 'translated' });
    pair.provider.script(says('hello'));
  });
  after(() => pair.stop());
  const post = (body: object | string, headers: Record<string, string> = {}) =>
    pair.gateway.post(typeof body === 'string' ? body : { model: 'm', max_tokens: 9, messages: [QUESTION], ...body }, headers, '/v1/messages');

  for (const [path, body] of ROWS) {
    it(`is refused for ${path || 'the body'}: ${(typeof body === 'string' ? body : JSON.stringify(body)).slice(0, 120)}`, async () => {
      const asked = pair.provider.asked.length;
      const response = await post(body);
      const { error, ...rest } = (await response.json()) as { error: Record<string, string> };
      expect([response.status, error['type']], error['message']).to.deep.equal([400, 'invalid_request_error']);
      expect(rest).to.deep.equal({ type: 'error', request_id: response.headers.get('request-id') });
      expect(error['message']?.split(':')[0]?.replaceAll('"', '').split(' ')[0]).to.equal(path || 'the');
      expect(error['message']?.length).to.be.lessThan(400);
      expect(pair.provider.asked).to.have.length(asked);
      expect((await post({})).status, 'a good request after it').to.equal(200);
    });
  }

  it('is refused in JSON where a stream is asked for', async () => {
    const response = await post({ stream: true, max_tokens: -1 });
    expect([response.status, response.headers.get('content-type')]).to.deep.equal([400, 'application/json; charset=utf-8']);
  });

  it('tells the SDK that there are no threads, whatever else is wrong', async () => {
    const { error } = (await (await post({ thread: { type: 'continue', previous_message_id: 'msg_1' }, messages: [] })).json()) as { error: object };
    expect(error).to.deep.include({ details: { error_code: 'thread_unsupported_request', unsupported: ['threads'] } });
  });

  it('is told to Claude Code in a way that it does not ask again', async () => {
    const response = await post({ max_tokens: -1 }, { 'user-agent': 'claude-cli/2.1.329 (external, sdk-cli)' });
    const { error } = (await response.json()) as { error: Record<string, string> };
    expect([response.status, error['type']]).to.deep.equal([406, 'invalid_request_error']);
    expect(error['message']).to.match(/^max_tokens: /);
  });

  it('is none of this: ids, names and texts of any shape', async () => {
    const odd = [
      { ...QUESTION, content: '\u0000\ud800', name: 'x'.repeat(LONG) },
      { role: 'assistant', content: [{ ...USE, id: '__proto__', name: 'toString', input: { constructor: 1 } }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: '__proto__' }, { type: 'constructor' }, { type: 'toString' }] },
    ];
    const tools = [
      { name: 'toString', input_schema: {} },
      { ...ADD, type: null },
      { type: 'constructor', name: 'x' },
    ];
    const response = await post({ messages: odd, tools, constructor: 1, toString: null });
    expect(response.status, await response.text()).to.equal(200);
    const sent = pair.provider.asked.at(-1)?.body;
    expect(sent).not.to.have.any.keys('constructor', 'toString');
    expect(sent.messages.at(-1)).to.deep.equal({ role: 'tool', tool_call_id: '__proto__', content: '(no output)' });
  });
});
