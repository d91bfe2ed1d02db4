import http from 'node:http';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { expect } from 'chai';
import { answers } from '../support/chat-answer.ts';
import { type Pair, startPair } from '../support/pair.ts';
import { says } from '../support/scripted-provider.ts';

interface Sent {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  /** An object is a change of a good request; undefined takes a field out. */
  body?: object | string | Buffer;
}
type Row = [it: string, sent: Sent, status: number, code: string, param: string | null];
interface Got {
  status: number;
  headers: http.IncomingHttpHeaders;
  text: string;
}

const KEY = 'client-key-0123456789';
const JSON_TYPE = { 'content-type': 'application/json' };
const GOOD = { model: 'm', input: 'hi' };
const CALL = { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' };
const MESSAGE = { type: 'message', role: 'user', content: 'hi' };
const MIB = 1 << 20;

/** A value of a wrong type. */
function wrong(param: string, body: object): Row {
  return [`a wrong ${param}`, { body }, 400, 'invalid_value', param];
}
function missing(param: string, body: object): Row {
  return [`no ${param}`, { body }, 400, 'missing_required_parameter', param];
}
function refused(it: string, sent: Sent, status = 400, code = 'invalid_value', param: string | null = null): Row {
  return [it, sent, status, code, param];
}
function deep(levels: number): string {
  return `{"model":"m","input":"hi","metadata":${'['.repeat(levels)}${']'.repeat(levels)}}`;
}

const ROWS: Row[] = [
  refused('malformed JSON', { body: '{"model":"m","input":' }),
  refused('an empty body', { body: '' }),
  refused('JSON with a comma too many', { body: '{"model":"m","input":"hi",}' }),
  refused('bad UTF-8', { body: Buffer.from([...Buffer.from('{"model":"m","input":"'), 0xff, 0xc3, ...Buffer.from('"}')]) }),
  ...['[]', 'null', '"hi"', '42', 'true', '[{"model":"m","input":"hi"}]'].map((body) => refused(`${body} in place of an object`, { body })),
  refused('a body 201 levels deep', { body: deep(200) }),
  refused('a body 10,000 levels deep', { body: deep(10_000) }),
  refused('objects 10,000 levels deep', { body: `{"model":"m","input":"hi","metadata":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}` }),
  refused('a body of 50 MB', { body: Buffer.alloc(50 * MIB, 0x20) }, 413, 'request_too_large'),
  refused('a body of 50 MB in pieces', { body: Buffer.alloc(50 * MIB, 0x20), headers: { 'transfer-encoding': 'chunked' } }, 413, 'request_too_large'),
  refused('50 MB packed by gzip', { body: gzipSync(Buffer.alloc(50 * MIB, 0x20)), headers: { 'content-encoding': 'gzip' } }, 413, 'request_too_large'),
  refused('50 MB packed by zstd', { body: zstdCompressSync(Buffer.alloc(50 * MIB, 0x20)), headers: { 'content-encoding': 'zstd' } }, 413, 'request_too_large'),
  ...['gzip', 'deflate', 'br', 'zstd'].map((coding) => refused(`${coding} that is none`, { body: 'garbage', headers: { 'content-encoding': coding } })),
  refused('gzip that is cut', { body: gzipSync(JSON.stringify(GOOD)).subarray(0, 20), headers: { 'content-encoding': 'gzip' } }),
  refused('an unknown packing', { body: GOOD, headers: { 'content-encoding': 'lzma' } }, 415),
  refused('a packing named __proto__', { body: GOOD, headers: { 'content-encoding': '__proto__' } }, 415),
  ...['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonp', ''].map((type) =>
    refused(`content-type "${type}"`, { body: GOOD, headers: { 'content-type': type } }, 415),
  ),
  refused('an unknown route', { path: '/v1/nothing', body: GOOD }, 404, 'not_found'),
  refused('a route below', { path: '/v1/responses/resp_1/more', body: GOOD }, 404, 'not_found'),
  refused('POST of a response', { path: '/v1/responses/resp_1', body: GOOD }, 405, 'method_not_allowed'),
  refused('the root', { method: 'GET', path: '/' }, 404, 'not_found'),
  refused('a path of another kind', { method: 'GET', path: '/%ff/..%2f' }, 404, 'not_found'),
  ...['GET', 'PUT', 'PATCH', 'DELETE'].map((method) => refused(`${method} of responses`, { method }, 405, 'method_not_allowed')),
  refused('POST of models', { path: '/v1/models', body: GOOD }, 405, 'method_not_allowed'),
  refused('POST of health', { path: '/health', body: GOOD }, 405, 'method_not_allowed'),

  refused('__proto__ as a key', { body: '{"model":"m","input":"hi","__proto__":{"stream":true}}' }, 400, 'invalid_value', '__proto__'),
  refused('__proto__ as a key inside', { body: '{"model":"m","input":[{"role":"user","content":"hi","__proto__":{}}]}' }, 400, 'invalid_value', '__proto__'),
  refused('__proto__ as a key whose value is null', { body: '{"model":"m","input":"hi","metadata":{"__proto__":null}}' }, 400, 'invalid_value', '__proto__'),

  refused('state at a provider', { body: { previous_response_id: 'resp_1' } }, 400, 'previous_response_not_found', 'previous_response_id'),
  refused('a conversation', { body: { conversation: 'conv_1' } }, 400, 'unsupported_parameter', 'conversation'),
  refused('a conversation as an object', { body: { conversation: { id: 'conv_1' } } }, 400, 'unsupported_parameter', 'conversation'),
  refused('a stored prompt', { body: { prompt: { id: 'pmpt_1' } } }, 400, 'unsupported_parameter', 'prompt'),
  refused('a run in the background', { body: { background: true } }, 400, 'unsupported_parameter', 'background'),

  missing('model', { model: undefined }),
  missing('input', { input: undefined }),
  missing('input', { input: null }),
  missing('input', { input: [] }),
  wrong('model', { model: null }),
  wrong('model', { model: 7 }),
  wrong('model', { model: '' }),
  wrong('input', { input: 7 }),
  wrong('input', { input: { role: 'user', content: 'hi' } }),
  wrong('input[0]', { input: ['hi'] }),
  wrong('input[1]', { input: [MESSAGE, null] }),
  missing('input[0].type', { input: [{}] }),
  wrong('input[0].type', { input: [{ type: 7 }] }),
  wrong('input[0].role', { input: [{ role: 'robot', content: 'hi' }] }),
  wrong('input[0].role', { input: [{ role: 7, content: 'hi' }] }),
  missing('input[0].role', { input: [{ type: 'message', content: 'hi' }] }),
  missing('input[0].content', { input: [{ role: 'user' }] }),
  wrong('input[0].content', { input: [{ role: 'user', content: 7 }] }),
  wrong('input[0].content[0]', { input: [{ role: 'user', content: ['hi'] }] }),
  missing('input[0].content[0].type', { input: [{ role: 'user', content: [{ text: 'hi' }] }] }),
  wrong('input[0].content[1].text', {
    input: [
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'hi' },
          { type: 'input_text', text: 7 },
        ],
      },
    ],
  }),
  missing('input[0].content[0].text', { input: [{ role: 'user', content: [{ type: 'input_text' }] }] }),
  missing('input[0].content[0].refusal', { input: [{ role: 'assistant', content: [{ type: 'refusal' }] }] }),
  wrong('input[0].content[0].image_url', { input: [{ role: 'user', content: [{ type: 'input_image', image_url: { url: 7 } }] }] }),
  wrong('input[0].content[0].file_data', { input: [{ role: 'user', content: [{ type: 'input_file', file_data: 7 }] }] }),
  missing('input[1].call_id', { input: [MESSAGE, { ...CALL, call_id: undefined }] }),
  wrong('input[1].call_id', { input: [MESSAGE, { ...CALL, call_id: {} }] }),
  missing('input[1].name', { input: [MESSAGE, { ...CALL, name: undefined }] }),
  wrong('input[1].name', { input: [MESSAGE, { ...CALL, name: {} }] }),
  wrong('input[1].namespace', { input: [MESSAGE, { ...CALL, namespace: 7 }] }),
  missing('input[1].arguments', { input: [MESSAGE, { ...CALL, arguments: undefined }] }),
  wrong('input[1].arguments', { input: [MESSAGE, { ...CALL, arguments: 7 }] }),
  missing('input[0].output', { input: [{ type: 'function_call_output', call_id: 'c' }] }),
  wrong('input[0].output', { input: [{ type: 'function_call_output', call_id: 'c', output: 7 }] }),
  wrong('input[0].output[0].text', { input: [{ type: 'function_call_output', call_id: 'c', output: [{ type: 'input_text', text: null }] }] }),
  missing('input[0].input', { input: [{ type: 'custom_tool_call', call_id: 'c', name: 'f' }] }),
  wrong('input[0].input', { input: [{ type: 'custom_tool_call', call_id: 'c', name: 'f', input: {} }] }),
  wrong('input[0].output', { input: [{ type: 'custom_tool_call_output', call_id: 'c', output: {} }] }),
  missing('input[0].action', { input: [{ type: 'local_shell_call', call_id: 'c' }] }),
  wrong('input[0].action.command', { input: [{ type: 'local_shell_call', call_id: 'c', action: { command: 'ls' } }] }),
  wrong('input[0].action.command[0]', { input: [{ type: 'local_shell_call', call_id: 'c', action: { command: [7] } }] }),
  wrong('input[0].output', { input: [{ type: 'local_shell_call_output', output: [] }] }),
  wrong('input[0].summary', { input: [{ type: 'reasoning', summary: 'x' }] }),
  wrong('input[0].content', { input: [{ type: 'reasoning', summary: [], content: 'x' }] }),
  wrong('input[0].encrypted_content', { input: [{ type: 'reasoning', summary: [], encrypted_content: 7 }] }),

  wrong('instructions', { instructions: ['be brief'] }),
  wrong('tools', { tools: {} }),
  wrong('tools[0]', { tools: ['f'] }),
  wrong('tools[1]', { tools: [{ type: 'function', name: 'f' }, null] }),
  missing('tools[0].type', { tools: [{ name: 'f' }] }),
  wrong('tools[0].type', { tools: [{ type: 7 }] }),
  missing('tools[0].name', { tools: [{ type: 'function' }] }),
  missing('tools[0].name', { tools: [{ type: 'function', function: { name: 'f' } }] }),
  wrong('tools[0].name', { tools: [{ type: 'function', name: '' }] }),
  wrong('tools[1].name', { tools: [{ type: 'web_search' }, { type: 'custom', name: 7 }] }),
  wrong('tools[0].description', { tools: [{ type: 'function', name: 'f', description: 7 }] }),
  wrong('tools[0].parameters', { tools: [{ type: 'function', name: 'f', parameters: 'x' }] }),
  wrong('tools[0].parameters', { tools: [{ type: 'function', name: 'f', parameters: [] }] }),
  wrong('tools[0].strict', { tools: [{ type: 'function', name: 'f', strict: 'yes' }] }),
  wrong('tools[0].format', { tools: [{ type: 'custom', name: 'f', format: 'text' }] }),
  wrong('tools[0].format.definition', { tools: [{ type: 'custom', name: 'f', format: { type: 'grammar', definition: 7 } }] }),
  missing('tools[0].tools', { tools: [{ type: 'namespace', name: 'n' }] }),
  wrong('tools[0].tools', { tools: [{ type: 'namespace', name: 'n', tools: {} }] }),
  missing('tools[0].tools[0].name', { tools: [{ type: 'namespace', name: 'n', tools: [{ type: 'function' }] }] }),
  wrong('tools[0].tools[0].name', { tools: [{ type: 'namespace', name: 'n', tools: [{ type: 'function', name: 7 }] }] }),
  wrong('tool_choice', { tool_choice: 'always' }),
  wrong('tool_choice', { tool_choice: 7 }),
  wrong('tool_choice', { tool_choice: [] }),
  missing('tool_choice.type', { tool_choice: { name: 'f' } }),
  wrong('tool_choice.name', { tool_choice: { type: 'function', name: 7 } }),
  wrong('tool_choice.mode', { tool_choice: { type: 'allowed_tools', mode: 'always', tools: [] } }),
  wrong('tool_choice.tools', { tool_choice: { type: 'allowed_tools', mode: 'auto', tools: 'f' } }),
  wrong('parallel_tool_calls', { parallel_tool_calls: 'true' }),
  wrong('reasoning', { reasoning: 'high' }),
  wrong('reasoning.effort', { reasoning: { effort: 7 } }),
  wrong('reasoning.summary', { reasoning: { summary: true } }),
  wrong('text', { text: 'json' }),
  wrong('text.format', { text: { format: 'json_object' } }),
  missing('text.format.type', { text: { format: {} } }),
  wrong('text.format.type', { text: { format: { type: 'xml' } } }),
  wrong('text.format.name', { text: { format: { type: 'json_schema', name: 7, schema: {} } } }),
  wrong('text.format.schema', { text: { format: { type: 'json_schema', name: 'x', schema: 'x' } } }),
  missing('text.format.schema', { text: { format: { type: 'json_schema', name: 'x' } } }),
  wrong('text.format.strict', { text: { format: { type: 'json_schema', name: 'x', schema: {}, strict: 'yes' } } }),
  wrong('text.verbosity', { text: { verbosity: 7 } }),
  ...[0, -1, 1.5, '100', {}].map((max_output_tokens) => wrong('max_output_tokens', { max_output_tokens })),
  ...[-1, 1.5, '1'].map((max_tool_calls) => wrong('max_tool_calls', { max_tool_calls })),
  ...[-0.1, 2.1, '1', []].map((temperature) => wrong('temperature', { temperature })),
  ...[-0.1, 1.1, '1'].map((top_p) => wrong('top_p', { top_p })),
  ...[-1, 21, 1.5, '1'].map((top_logprobs) => wrong('top_logprobs', { top_logprobs })),
  refused('a number beyond all numbers', { body: '{"model":"m","input":"hi","temperature":1e999}' }, 400, 'invalid_value', 'temperature'),
  wrong('presence_penalty', { presence_penalty: 'x' }),
  wrong('frequency_penalty', { frequency_penalty: {} }),
  wrong('include', { include: 'reasoning.encrypted_content' }),
  wrong('include[0]', { include: [7] }),
  wrong('stream', { stream: 'true' }),
  wrong('stream', { stream: 1 }),
  wrong('store', { store: 'yes' }),
  wrong('background', { background: 'yes' }),
  wrong('metadata', { metadata: 'x' }),
  wrong('metadata', { metadata: ['x'] }),
  wrong('truncation', { truncation: 'never' }),
  wrong('service_tier', { service_tier: 7 }),
  wrong('safety_identifier', { safety_identifier: 7 }),
  wrong('prompt_cache_key', { prompt_cache_key: 7 }),
  wrong('previous_response_id', { previous_response_id: 7 }),
  wrong('temperature', { stream: true, temperature: 'hot' }),
];

describe('bad input', () => {
  let pair: Pair;
  before(async () => {
    pair = await startPair();
    pair.provider.script(says('hello'));
  });
  after(() => pair.stop());

  for (const [name, sent, status, code, param] of ROWS) {
    it(`is refused: ${name}${sent.body && !(sent.body instanceof Buffer) ? ` ${JSON.stringify(sent.body).slice(0, 80)}` : ''}`, async () => {
      const asked = pair.provider.asked.length;
      const got = await send(pair, sent);
      const { error, ...rest } = JSON.parse(got.text);
      expect([got.status, error.code, error.param]).to.deep.equal([status, code, param]);
      expect(rest).to.deep.equal({});
      expect(Object.keys(error)).to.have.members(['message', 'type', 'param', 'code']);
      expect(error.type).to.equal('invalid_request_error');
      expect(error.message)
        .to.include(param ?? '')
        .and.match(/\w/);
      expect(error.message.length).to.be.lessThan(400);
      expect(got.headers['content-type']).to.match(/^application\/json/);
      expect(pair.provider.asked, 'the provider is not asked').to.have.length(asked);
      await expectGood(pair);
    });
  }

  it('says what was found and what would have been accepted', async () => {
    const told = async (body: object) => JSON.parse((await send(pair, { body })).text).error.message;
    expect(await told({ truncation: 'never' }))
      .to.include('"auto"')
      .and.include('"disabled"');
    expect(await told({ tool_choice: 'always' })).to.include('"required"');
    expect(await told({ temperature: 3 })).to.include('2');
    expect(await told({ stream: 'true' })).to.include('boolean');
  });

  it('is not what is merely unknown: such fields and items are left out', async () => {
    const got = await send(pair, { body: { shiny: 1, constructor: 'x', toString: null, input: [MESSAGE, { type: 'shiny_item' }, { type: 'constructor' }] } });
    expect(got.status).to.equal(200);
    expect(pair.provider.asked.at(-1)?.body).not.to.have.any.keys('shiny', 'constructor', 'toString');
  });

  it('is not null, which is the same as absent', async () => {
    const fields = ['instructions', 'tools', 'tool_choice', 'parallel_tool_calls', 'reasoning', 'text', 'max_output_tokens', 'max_tool_calls', 'temperature'];
    const more = ['top_p', 'top_logprobs', 'include', 'stream', 'store', 'background', 'metadata', 'truncation', 'service_tier', 'previous_response_id'];
    const rest = ['conversation', 'prompt', 'safety_identifier', 'prompt_cache_key', 'presence_penalty', 'frequency_penalty'];
    const got = await send(pair, { body: Object.fromEntries([...fields, ...more, ...rest].map((field) => [field, null])) });
    expect(got.status, got.text).to.equal(200);
  });

  it('is not a body 200 levels deep, nor one that is packed', async () => {
    expect((await send(pair, { body: deep(199).replace('"metadata":', '"shiny":') })).status).to.equal(200);
    for (const [coding, pack] of [['gzip', gzipSync] as const, ['zstd', zstdCompressSync] as const]) {
      expect((await send(pair, { body: pack(JSON.stringify(GOOD)), headers: { 'content-encoding': coding } })).status, coding).to.equal(200);
    }
  });

  it('is not __proto__ as the name of a tool and the id of a call, which come through and back', async () => {
    const own = await startPair();
    try {
      const call = { ...CALL, call_id: '__proto__', name: '__proto__' };
      const output = { type: 'function_call_output', call_id: '__proto__', output: 'done' };
      const tools = [
        { type: 'function', name: '__proto__', parameters: { type: 'object' } },
        { type: 'custom', name: 'constructor' },
      ];
      const reply = answers({
        calls: [
          { id: '__proto__', name: '__proto__', arguments: '{"a":1}' },
          { id: 'toString', name: 'constructor', arguments: '{"input":"x"}' },
        ],
        finish: 'tool_calls',
      });
      for (const stream of [true, false]) {
        const { status, final } = await own.ask([reply], {
          stream,
          tools,
          tool_choice: { type: 'function', name: '__proto__' },
          input: [MESSAGE, call, output],
        });
        expect(status).to.equal(200);
        const [first, second] = final.output;
        expect([first.type, first.name, first.arguments]).to.deep.equal(['function_call', '__proto__', '{"a":1}']);
        expect(first.call_id).to.match(/^call_/); // its own is a call's of the history
        expect([second.type, second.name, second.call_id, second.input]).to.deep.equal(['custom_tool_call', 'constructor', 'toString', 'x']);
        const { messages, tools: sent, tool_choice } = own.provider.asked.at(-1)?.body ?? {};
        expect(messages[1].tool_calls).to.deep.equal([{ id: '__proto__', type: 'function', function: { name: '__proto__', arguments: '{}' } }]);
        expect(messages[2]).to.deep.include({ role: 'tool', tool_call_id: '__proto__', content: 'done' });
        expect(sent.map((tool: { function: { name: string } }) => tool.function.name)).to.deep.equal(['__proto__', 'constructor']);
        expect(tool_choice).to.deep.equal({ type: 'function', function: { name: '__proto__' } });
      }
    } finally {
      await own.stop();
    }
  });
});

describe('the guards', () => {
  let pair: Pair;
  const open = async (access: NonNullable<Parameters<typeof startPair>[0]>['access'] = {}) => {
    await pair?.stop();
    pair = await startPair({ access });
    pair.provider.script(says('hello'));
  };
  before(() => open());
  after(() => pair.stop());

  function expectRefused(got: Got, status: number, code: string): void {
    expect([got.status, JSON.parse(got.text).error.code]).to.deep.equal([status, code]);
    expect(Object.keys(got.headers).filter((name) => name.startsWith('access-control'))).to.deep.equal([]);
  }

  describe('of Host', () => {
    const ROUTES: Sent[] = [{ body: GOOD }, { method: 'GET', path: '/health' }, { method: 'GET', path: '/v1/models' }, { method: 'GET', path: '/nothing' }];
    before(() => open({ hosts: ['tapline.lan'] }));

    for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', 'notlocalhost', '10.0.0.1']) {
      it(`refuse "${host}" on every route`, async () => {
        for (const route of ROUTES) expectRefused(await send(pair, { ...route, headers: { host } }), 403, 'forbidden_host');
        await expectGood(pair);
      });
    }
    for (const host of [
      'localhost',
      'LOCALHOST:4891',
      'localhost.',
      '127.0.0.1:80',
      '127.1.2.3',
      '[::1]:4891',
      'api.localhost',
      'tapline.lan',
      'tapline.lan:4891',
    ]) {
      it(`accept "${host}"`, async () => {
        expect((await send(pair, { body: GOOD, headers: { host } })).status).to.equal(200);
      });
    }
    it('accept any where other machines may ask', async () => {
      await open({ loopback: false });
      expect((await send(pair, { body: GOOD, headers: { host: 'gateway.example' } })).status).to.equal(200);
    });
  });

  describe('of Origin', () => {
    before(() => open({ origins: ['https://app.example'] }));

    for (const origin of ['https://evil.example', 'null', 'https://app.example.evil', 'http://app.example', 'file://', 'https://localhost.evil.example', 'x']) {
      it(`refuse "${origin}", without a CORS header`, async () => {
        const route = { headers: { origin } };
        expectRefused(await send(pair, { ...route, body: GOOD }), 403, 'forbidden_origin');
        expectRefused(await send(pair, { ...route, method: 'GET', path: '/health' }), 403, 'forbidden_origin');
        expectRefused(await send(pair, { ...route, method: 'OPTIONS' }), 403, 'forbidden_origin');
        await expectGood(pair);
      });
    }
    for (const origin of ['https://app.example', 'http://localhost:3000', 'http://127.0.0.1:8080', 'http://[::1]:5173']) {
      it(`accept "${origin}" and name it`, async () => {
        for (const body of [GOOD, { ...GOOD, stream: true }]) {
          const got = await send(pair, { body, headers: { origin } });
          expect([got.status, got.headers['access-control-allow-origin'], got.headers.vary]).to.deep.equal([200, origin, 'origin']);
          expect(got.headers).not.to.have.property('access-control-allow-credentials');
        }
        const bad = await send(pair, { body: '{', headers: { origin } });
        expect([bad.status, bad.headers['access-control-allow-origin']]).to.deep.equal([400, origin]);
      });
    }
    it('answer a preflight', async () => {
      const headers = {
        origin: 'https://app.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      };
      const got = await send(pair, { method: 'OPTIONS', headers });
      expect([got.status, got.text, got.headers['access-control-allow-origin']]).to.deep.equal([204, '', 'https://app.example']);
      expect(got.headers['access-control-allow-methods']).to.include('POST').and.include('GET');
      expect(got.headers['access-control-allow-headers']).to.include('authorization').and.include('content-type').and.include('x-api-key');
    });
  });

  describe('of the key', () => {
    before(() => open({ apiKey: KEY }));

    const FORMS: [string, Record<string, string>][] = [
      ['a Bearer token', { authorization: `Bearer ${KEY}` }],
      ['a bearer token in small letters', { authorization: `bearer ${KEY}` }],
      ['x-api-key', { 'x-api-key': KEY }],
      ['api-key', { 'api-key': KEY }],
    ];
    for (const [name, headers] of FORMS) {
      it(`accept it as ${name}`, async () => {
        expect((await send(pair, { body: GOOD, headers })).status).to.equal(200);
        expect((await send(pair, { method: 'GET', path: '/v1/models', headers })).status).to.equal(200);
        expect(JSON.stringify(pair.provider.asked.at(-1)?.headers)).not.to.include(KEY);
      });
    }
    const NONE: [string, Record<string, string>][] = [
      ['none', {}],
      ['a wrong one', { authorization: 'Bearer wrong-key-0123456789' }],
      ['half of it', { authorization: `Bearer ${KEY.slice(0, -1)}` }],
      ['more than it', { 'x-api-key': `${KEY}x` }],
      ['it without its scheme', { authorization: KEY }],
      ['an empty one', { authorization: 'Bearer ', 'x-api-key': '', 'api-key': '' }],
    ];
    for (const [name, headers] of NONE) {
      it(`refuse ${name}`, async () => {
        const asked = pair.provider.asked.length;
        for (const route of [{ body: GOOD }, { body: '{' }, { method: 'GET', path: '/v1/models' }, { method: 'GET', path: '/nothing' }]) {
          const got = await send(pair, { ...route, headers });
          expectRefused(got, 401, 'invalid_api_key');
          expect(got.text).not.to.include(KEY.slice(0, -1));
        }
        expect(pair.provider.asked).to.have.length(asked);
        await expectGood(pair, { 'x-api-key': KEY });
      });
    }
    it('do not ask for it where health is told', async () => {
      const got = await send(pair, { method: 'GET', path: '/health' });
      expect([got.status, JSON.parse(got.text).status]).to.deep.equal([200, 'ok']);
    });
    it('do not ask for it before a WebSocket is refused', async () => {
      const headers = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==' };
      expect((await send(pair, { method: 'GET', headers })).status).to.equal(426);
      await expectGood(pair, { 'x-api-key': KEY });
    });
  });

  describe('of ids', () => {
    before(() => open());

    it('take a well formed x-request-id', async () => {
      for (const id of ['abc', 'A.b_c-9', 'x'.repeat(128)]) {
        for (const body of [GOOD, { ...GOOD, stream: true }, '{']) {
          const got = await send(pair, { body, headers: { 'x-request-id': id } });
          expect(got.headers['x-request-id']).to.equal(id);
          expect(pair.gateway.lines.at(-1)).to.include({ exchange: id });
        }
      }
    });
    it('make one in place of any other', async () => {
      const made = new Set<unknown>();
      for (const id of [undefined, '', 'x'.repeat(129), 'a b', 'a/b', '<script>', 'a,b']) {
        const got = await send(pair, { body: GOOD, headers: id === undefined ? {} : { 'x-request-id': id } });
        expect(got.headers['x-request-id']).to.match(/^req_\w+$/);
        made.add(got.headers['x-request-id']);
      }
      expect(made.size).to.equal(7);
    });
    it('are on every answer of an exchange', async () => {
      for (const sent of [{ method: 'GET', path: '/nothing' }, { method: 'GET' }, { body: GOOD, headers: { host: 'evil.example' } }]) {
        expect((await send(pair, sent)).headers['x-request-id']).to.match(/^req_\w+$/);
      }
    });
  });
});

async function expectGood(pair: Pair, headers: Record<string, string> = {}): Promise<void> {
  const got = await send(pair, { body: GOOD, headers });
  expect(got.status, 'a good request afterwards').to.equal(200);
  expect(JSON.parse(got.text).output[0].content[0].text).to.equal('hello');
}

/** `fetch` would not let a test choose Host, Origin or a broken path. */
function send(pair: Pair, { method = 'POST', path = '/v1/responses', headers = {}, body }: Sent): Promise<Got> {
  const bytes = typeof body === 'string' || body instanceof Buffer ? body : body && JSON.stringify({ ...GOOD, ...body });
  const { hostname, port } = new URL(pair.gateway.url);
  return new Promise((resolve, reject) => {
    const request = http.request({ hostname, port, method, path, headers: { ...JSON_TYPE, ...headers }, agent: false }, async (response) => {
      const parts: Buffer[] = [];
      for await (const part of response) parts.push(part as Buffer);
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(parts).toString() });
    });
    request.on('error', reject).end(bytes);
  });
}
