import { expect } from 'chai';
import { type Pair, startPair } from '../support/pair.ts';
import { says } from '../support/scripted-provider.ts';

type Row = [param: string | null, body: object | string, code: string];

const QUESTION = { role: 'user', content: 'hi' };
const ADD = { type: 'function', function: { name: 'add' } };
const CALL = { id: 'c', type: 'function', function: { name: 'add', arguments: '{}' } };
const LONG = 5_000;

const wrong = (param: string, body: object): Row => [param, body, 'invalid_value'];
const missing = (param: string, body: object): Row => [param, body, 'missing_required_parameter'];
const unsupported = (param: string, body: object, code = 'unsupported_value'): Row => [param, body, code];
const messages = (...told: unknown[]) => ({ messages: told });
const says1 = (...content: unknown[]) => messages({ role: 'user', content });
const assistant = (told: object) => messages(QUESTION, { role: 'assistant', ...told });

const ROWS: Row[] = [
  [null, '{"model":"m","messages":', 'invalid_value'],
  [null, '[]', 'invalid_value'],
  ['__proto__', '{"model":"m","messages":[{"role":"user","content":"hi"}],"__proto__":{}}', 'invalid_value'],
  missing('model', { model: undefined }),
  wrong('model', { model: '' }),
  wrong('model', { model: 7 }),
  missing('messages', { messages: undefined }),
  missing('messages', { messages: [] }),
  wrong('messages', { messages: null }),
  wrong('messages', { messages: 'hi' }),
  wrong('messages[0]', messages('hi')),
  wrong('messages[1]', messages(QUESTION, null)),
  missing('messages[0].role', messages({ content: 'hi' })),
  wrong('messages[0].role', messages({ role: 'robot', content: 'hi' })),
  wrong('messages[0].role', messages({ role: 7, content: 'hi' })),
  wrong('messages[0].role', messages({ role: '__proto__', content: 'hi' })),
  wrong('messages', messages({ role: 'system', content: 'alone' })),
  missing('messages[0].content', messages({ role: 'user' })),
  wrong('messages[0].content', messages({ role: 'user', content: null })),
  wrong('messages[0].content', messages({ role: 'user', content: 7 })),
  wrong('messages[0].content', messages({ role: 'system', content: {} })),
  wrong('messages[0].content[0]', says1('hi')),
  missing('messages[0].content[0].type', says1({ text: 'hi' })),
  wrong('messages[0].content[0].type', says1({ type: 7 })),
  missing('messages[0].content[0].text', says1({ type: 'text' })),
  wrong('messages[0].content[1].text', says1({ type: 'text', text: 'a' }, { type: 'text', text: 7 })),
  missing('messages[0].content[0].refusal', says1({ type: 'refusal' })),
  missing('messages[0].content[0].image_url', says1({ type: 'image_url' })),
  missing('messages[0].content[0].image_url.url', says1({ type: 'image_url', image_url: {} })),
  wrong('messages[0].content[0].image_url.url', says1({ type: 'image_url', image_url: { url: 7 } })),
  missing('messages[0].content[0].image_url', says1({ type: 'input_image' })),
  missing('messages[0].content[0].file', says1({ type: 'file' })),
  missing('messages[0].content[0].file.file_data', says1({ type: 'file', file: { filename: 'a.pdf' } })),
  wrong('messages[0].content[0].file.file_data', says1({ type: 'file', file: { file_data: 7 } })),
  wrong('messages[1].content', assistant({ content: 7 })),
  wrong('messages[1].refusal', assistant({ refusal: 7 })),
  wrong('messages[1].reasoning_content', assistant({ content: 'a', reasoning_content: ['x'] })),
  wrong('messages[1].reasoning_details', assistant({ content: 'a', reasoning_details: 'x' })),
  wrong('messages[1].tool_calls', assistant({ tool_calls: CALL })),
  wrong('messages[1].tool_calls[1]', assistant({ tool_calls: [CALL, 'c'] })),
  missing('messages[1].tool_calls[0].id', assistant({ tool_calls: [{ ...CALL, id: undefined }] })),
  wrong('messages[1].tool_calls[0].type', assistant({ tool_calls: [{ ...CALL, type: 'shiny' }] })),
  missing('messages[1].tool_calls[0].function', assistant({ tool_calls: [{ id: 'c', type: 'function' }] })),
  missing('messages[1].tool_calls[0].function.name', assistant({ tool_calls: [{ id: 'c', function: { arguments: '{}' } }] })),
  wrong('messages[1].tool_calls[0].function.arguments', assistant({ tool_calls: [{ id: 'c', function: { name: 'f', arguments: 7 } }] })),
  missing('messages[1].tool_calls[0].custom.input', assistant({ tool_calls: [{ id: 'c', type: 'custom', custom: { name: 'f' } }] })),
  missing('messages[1].function_call.arguments', assistant({ function_call: { name: 'f' } })),
  missing('messages[1].tool_call_id', messages(QUESTION, { role: 'tool', content: 'x' })),
  missing('messages[1].content', messages(QUESTION, { role: 'tool', tool_call_id: 'c' })),
  missing('messages[1].name', messages(QUESTION, { role: 'function', content: 'x' })),
  wrong('tools', { tools: {} }),
  wrong('tools[0]', { tools: ['add'] }),
  missing('tools[0].type', { tools: [{ function: { name: 'add' } }] }),
  missing('tools[0].function', { tools: [{ type: 'function', name: 'add' }] }),
  missing('tools[0].function.name', { tools: [{ type: 'function', function: {} }] }),
  wrong('tools[1].function.name', { tools: [ADD, { type: 'function', function: { name: '' } }] }),
  wrong('tools[0].function.parameters', { tools: [{ type: 'function', function: { name: 'f', parameters: [] } }] }),
  wrong('tools[0].function.strict', { tools: [{ type: 'function', function: { name: 'f', strict: 'yes' } }] }),
  missing('tools[0].custom', { tools: [{ type: 'custom' }] }),
  missing('tools[0].custom.format.grammar.syntax', {
    tools: [{ type: 'custom', custom: { name: 'f', format: { type: 'grammar', grammar: { definition: 'x' } } } }],
  }),
  missing('functions[0].name', { functions: [{}] }),
  wrong('tool_choice', { tools: [ADD], tool_choice: 'always' }),
  wrong('tool_choice', { tools: [ADD], tool_choice: 7 }),
  missing('tool_choice.type', { tools: [ADD], tool_choice: { function: { name: 'add' } } }),
  missing('tool_choice.function', { tools: [ADD], tool_choice: { type: 'function' } }),
  wrong('tool_choice', { tools: [ADD], tool_choice: { type: 'function', function: { name: 'other' } } }),
  wrong('tool_choice', { tools: [ADD], tool_choice: { type: 'custom', custom: { name: 'add' } } }),
  wrong('tool_choice.allowed_tools.mode', { tools: [ADD], tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'x', tools: [] } } }),
  wrong('tool_choice', {
    tools: [ADD],
    tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'x' } }] } },
  }),
  wrong('function_call', { functions: [{ name: 'f' }], function_call: 'always' }),
  wrong('function_call', { functions: [{ name: 'f' }], function_call: { name: 'other' } }),
  wrong('parallel_tool_calls', { parallel_tool_calls: 'yes' }),
  wrong('stream', { stream: 'true' }),
  wrong('stream_options', { stream_options: true }),
  wrong('stream_options.include_usage', { stream_options: { include_usage: 1 } }),
  ...[0, -1, 1.5, '9'].flatMap((told) => [wrong('max_tokens', { max_tokens: told }), wrong('max_completion_tokens', { max_completion_tokens: told })]),
  ...[-0.1, 2.1, '1'].map((temperature) => wrong('temperature', { temperature })),
  ...[-0.1, 1.1].map((top_p) => wrong('top_p', { top_p })),
  wrong('presence_penalty', { presence_penalty: 3 }),
  wrong('frequency_penalty', { frequency_penalty: '1' }),
  wrong('seed', { seed: 1.5 }),
  wrong('logit_bias', { logit_bias: [] }),
  wrong('logit_bias.5', { logit_bias: { 5: 'x' } }),
  wrong('n', { n: 0 }),
  unsupported('n', { n: 2 }),
  wrong('stop', { stop: 7 }),
  wrong('stop', { stop: Array(17).fill('x') }),
  wrong('stop[0]', { stop: [7] }),
  wrong('logprobs', { logprobs: 3 }),
  wrong('top_logprobs', { top_logprobs: 21 }),
  wrong('response_format', { response_format: 'json_object' }),
  missing('response_format.type', { response_format: {} }),
  wrong('response_format.type', { response_format: { type: 'xml' } }),
  missing('response_format.json_schema.schema', { response_format: { type: 'json_schema' } }),
  missing('response_format.json_schema.schema', { response_format: { type: 'json_schema', json_schema: { name: 'x' } } }),
  wrong('response_format.json_schema.schema', { response_format: { type: 'json_schema', json_schema: { name: 'x', schema: 'x' } } }),
  wrong('reasoning_effort', { reasoning_effort: 7 }),
  wrong('reasoning', { reasoning: 'high' }),
  wrong('verbosity', { verbosity: 7 }),
  unsupported('modalities', { modalities: ['text', 'audio'] }),
  wrong('modalities', { modalities: 'text' }),
  unsupported('audio', { audio: { voice: 'x', format: 'wav' } }, 'unsupported_parameter'),
  wrong('metadata', { metadata: 'x' }),
  wrong('user', { user: 7 }),
  wrong('store', { store: 'yes' }),
  wrong('service_tier', { service_tier: 7 }),
  wrong('web_search_options.search_context_size', { web_search_options: { search_context_size: 'huge' } }),
  wrong('prediction', { prediction: 'x' }),
];

describe('bad input to the Chat front door', () => {
  let pair: Pair;
  before(async () => {
    pair = await startPair({ lane: 'translated' });
    pair.provider.script(says('hello'));
  });
  after(() => pair.stop());
  const post = (body: object | string, path?: string) =>
    pair.gateway.post(typeof body === 'string' ? body : { model: 'm', messages: [QUESTION], ...body }, {}, path ?? '/v1/chat/completions');

  for (const [param, body, code] of ROWS) {
    it(`is refused: ${(typeof body === 'string' ? body : JSON.stringify(body)).slice(0, 120)}`, async () => {
      const response = await post(body);
      const { error, ...rest } = (await response.json()) as { error: Record<string, string> };
      expect([response.status, error['code'], error['param']]).to.deep.equal([400, code, param]);
      expect(rest).to.deep.equal({});
      expect(error).to.have.all.keys('message', 'type', 'param', 'code');
      expect(error['type']).to.equal('invalid_request_error');
      expect(error['message']).to.include(param ?? '');
      expect(error['message']?.length).to.be.lessThan(400);
      expect(pair.provider.asked).to.deep.equal([]);
    });
  }

  it('is refused in JSON where a stream is asked for', async () => {
    const response = await post({ stream: true, n: 3 });
    expect([response.status, response.headers.get('content-type')]).to.deep.equal([400, 'application/json; charset=utf-8']);
  });

  it('is refused at both paths, and other methods than POST too', async () => {
    for (const path of ['/v1/chat/completions', '/chat/completions']) {
      expect((await post({ n: 3 }, path)).status, path).to.equal(400);
      const response = await fetch(pair.gateway.url + path);
      expect([response.status, ((await response.json()) as { error: { code: string } }).error.code]).to.deep.equal([405, 'method_not_allowed']);
    }
  });

  it('is none of this: ids, names and texts of any shape', async () => {
    const own = await startPair({ lane: 'translated' });
    try {
      own.provider.script(says('hello'));
      const odd = { role: 'assistant', content: '\u0000\ud800', name: 'x'.repeat(LONG), tool_calls: [{ ...CALL, id: '__proto__' }] };
      const tools = [{ type: 'function', function: { name: 'toString' } }, { type: 'constructor' }];
      const body = { model: 'm', messages: [odd, { role: 'tool', tool_call_id: '__proto__', content: '' }], tools, constructor: 1, toString: null };
      const response = await own.gateway.post(body, {}, '/v1/chat/completions');
      expect(response.status, await response.text()).to.equal(200);
      expect(own.provider.asked[0]?.body).not.to.have.any.keys('constructor', 'toString');
    } finally {
      await own.stop();
    }
  });
});
