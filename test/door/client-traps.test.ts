import { expect } from 'chai';
import type { Dialect } from '../../core/contract/dialect.ts';
import { openaiCompatible } from '../../presets/openai-compatible.ts';
import { json, type Reply, ScriptedProvider, says, sse } from '../support/scripted-provider.ts';
import { eventsOf, startGateway, type TestGateway } from '../support/test-gateway.ts';

const MESSAGES = { model: 'm', max_tokens: 100, messages: [{ role: 'user', content: 'hi' }] };
const CHAT = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };
const TOOL = { name: 'run', input_schema: { type: 'object', properties: {} } };
const call = (id: string, input: object) => ({ type: 'tool_use', id, name: 'run', input });
const result = (id: string, content: unknown) => ({ type: 'tool_result', tool_use_id: id, content });
const CALL = sse(
  { choices: [{ index: 0, delta: { tool_calls: [{ index: 0, id: 'c1', type: 'function', function: { name: 'run', arguments: '{"a":' } }] } }] },
  { choices: [{ index: 0, delta: { tool_calls: [{ index: 0, function: { arguments: '1}' } }] } }] },
  {
    choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }],
    usage: { prompt_tokens: 9, completion_tokens: 4, prompt_tokens_details: { cached_tokens: 2 } },
  },
  'data: [DONE]\n\n',
);

describe('what breaks clients (the traps of clients.md)', () => {
  let provider: ScriptedProvider;
  let gateway: TestGateway;
  const start = async (reply: Reply, options: Partial<Parameters<typeof startGateway>[0]> = {}, dialect: Dialect = 'chat') => {
    provider = await ScriptedProvider.start(reply);
    gateway = await startGateway({ preset: openaiCompatible({ endpoints: { [dialect]: provider.base }, retries: { times: 0 } }), ...options });
  };
  const ask = async (body: object, path = '/v1/messages', headers: Record<string, string> = {}) => {
    const response = await gateway.post(body, headers, path);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, events: eventsOf(text) };
  };
  afterEach(async () => {
    await gateway.stop();
    await provider.stop();
  });

  it('1: an upgrade is answered with 426', async () => {
    await start(says('hi'));
    const { default: http } = await import('node:http');
    const status = await new Promise((resolve) => {
      const request = http.get(`${gateway.url}/v1/responses`, { headers: { connection: 'upgrade', upgrade: 'websocket' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on('error', resolve);
    });
    expect(status).to.equal(426);
  });

  it('2: a system message inside messages, as text or in parts, with an effort of its own', async () => {
    await start(says('hi'));
    const later = { role: 'system', content: [{ type: 'text', text: 'be brief' }], output_config: { effort: 'low' } };
    const { status } = await ask({ ...MESSAGES, messages: [...MESSAGES.messages, later, { role: 'system', content: 'and kind' }] });
    expect(status).to.equal(200);
    expect(JSON.stringify(provider.asked[0]?.body.messages)).to.contain('be brief').and.to.contain('and kind');
  });

  it('3: no event that a dialect does not know keeps a plain client alive', async () => {
    await start(says('hi'));
    const { text } = await ask({ model: 'm', input: 'hi', stream: true }, '/v1/responses');
    for (const { type } of eventsOf(text)) expect(type).to.match(/^response\./);
    expect(gateway.gateway.doors.map(({ keepAlive = ': comment' }) => keepAlive.split('\n')[0])).to.have.members([
      ': comment',
      ': comment',
      'event: ping',
      ': comment',
    ]);
  });

  it('4: events of Messages have names, also those of a failure', async () => {
    await start(sse({ choices: [{ index: 0, delta: { content: 'hi' } }] }));
    const { text } = await ask({ ...MESSAGES, stream: true });
    for (const block of text.trim().split('\n\n')) expect(block).to.match(/^event: (\w+)\ndata: \{"type":"\1"/);
    expect(text).to.contain('event: error');
  });

  it('5: the same request without stream is answered as JSON', async () => {
    await start(sse({ choices: [{ index: 0, delta: { content: 'hi' } }] }), {}, 'chat');
    expect((await ask({ ...MESSAGES, stream: true })).text).to.contain('event: error');
    provider.script(json(200, { choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }] }));
    const { headers, text } = await ask({ ...MESSAGES, stream: false });
    expect(headers.get('content-type')).to.contain('application/json');
    expect(JSON.parse(text).content).to.deep.equal([{ type: 'text', text: 'hi' }]);
  });

  it('6: the arguments of a call come in deltas, and none at its beginning', async () => {
    await start(CALL);
    const { events } = await ask({ ...MESSAGES, tools: [TOOL], stream: true });
    expect(events.find(({ type }) => type === 'content_block_start').content_block.input).to.deep.equal({});
    expect(events.flatMap(({ delta }) => delta?.partial_json ?? []).join('')).to.equal('{"a":1}');
  });

  it('7: quota is told not to be tried again, and an overflow in the words that are looked for', async () => {
    await start(json(429, { error: { message: 'no money', code: 'insufficient_quota' } }));
    const quota = await ask(MESSAGES);
    expect(quota.headers.get('x-should-retry')).to.equal('false');
    expect(quota.headers.get('retry-after')).to.equal(null);
    provider.script(json(400, { error: { message: 'maximum context length is 9 tokens', code: 'context_length_exceeded' } }));
    expect(JSON.parse((await ask(MESSAGES)).text).error.message).to.match(/^prompt is too long/);
  });

  it('8: a thread is refused, so that no history is lost silently', async () => {
    await start(says('hi'));
    const { status, text } = await ask({ ...MESSAGES, thread: { id: 't' } });
    expect(status).to.equal(400);
    expect(text).to.contain('thread_unsupported_request');
    expect(provider.asked).to.have.length(0);
  });

  it('9: a key is taken as Bearer and as x-api-key, with any version of Messages', async () => {
    await start(CALL, { access: { apiKey: 'key-of-the-gateway' } });
    for (const headers of [{ authorization: 'Bearer key-of-the-gateway' }, { 'x-api-key': 'key-of-the-gateway' }])
      for (const version of ['2023-06-01', '2026-10-21'])
        expect((await ask(MESSAGES, '/v1/messages', { ...headers, 'anthropic-version': version })).status).to.equal(200);
    expect((await ask(MESSAGES)).status).to.equal(401);
  });

  it('10: results of parallel calls in any order, beside text and with images', async () => {
    await start(says('hi'));
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } };
    const calls = { role: 'assistant', content: [call('a', {}), call('b', {})] };
    const results = { role: 'user', content: [result('b', [{ type: 'text', text: 'of b' }, image]), result('a', 'of a'), { type: 'text', text: 'go on' }] };
    const { status } = await ask({ ...MESSAGES, tools: [TOOL], messages: [...MESSAGES.messages, calls, results] });
    expect(status).to.equal(200);
    const { messages } = provider.asked[0]?.body ?? {};
    const told = messages.filter(({ role }: { role: string }) => role === 'tool').map(({ tool_call_id: id }: { tool_call_id: string }) => id);
    expect(told).to.have.members(['a', 'b']);
    expect(JSON.stringify(messages)).to.contain('of a').and.to.contain('of b').and.to.contain('go on');
  });

  it('11: deferred tools, and tools of the server without a schema', async () => {
    await start(says('hi'));
    const tools = [TOOL, { ...TOOL, name: 'later', defer_loading: true }, { type: 'web_search_20250305', name: 'web_search' }];
    expect((await ask({ ...MESSAGES, tools })).status).to.equal(200);
  });

  it('12: cache marks and metadata are no reason to refuse, and go to no other provider', async () => {
    await start(says('hi'));
    const system = [{ type: 'text', text: 'be kind', cache_control: { type: 'ephemeral' } }];
    const { status } = await ask({ ...MESSAGES, system, metadata: { user_id: '{"device_id":"private-device"}' } });
    expect(status).to.equal(200);
    expect(provider.asked[0]?.raw).not.to.contain('cache_control').and.not.to.contain('private-device');
  });

  it('13: usage has numbers from the beginning, and the real ones at the end', async () => {
    await start(CALL);
    const { events } = await ask({ ...MESSAGES, tools: [TOOL], stream: true });
    const { usage } = events[0].message;
    expect(usage.input_tokens).to.be.a('number');
    expect(usage.output_tokens).to.be.a('number');
    expect(events.find(({ type }) => type === 'message_delta').usage).to.include({ input_tokens: 7, cache_read_input_tokens: 2, output_tokens: 4 });
  });

  it('14: a call of Responses is completed, and in the output of the final response', async () => {
    await start(CALL);
    const { events } = await ask({ model: 'm', input: 'hi', stream: true }, '/v1/responses');
    const done = events.find(({ type }) => type === 'response.output_item.done');
    expect(done.item).to.include({ type: 'function_call', status: 'completed', arguments: '{"a":1}' });
    expect(done.output_index).to.equal(0);
    expect(events.find(({ type }) => type === 'response.function_call_arguments.delta')).to.include({ output_index: 0, item_id: done.item.id });
    const { response } = events.at(-1);
    expect(response.output).to.deep.equal([done.item]);
    expect(response).to.include.keys('created_at', 'model');
  });

  it('15: a stream that failed says so once, and nothing behind it', async () => {
    await start(
      sse({ choices: [{ index: 0, delta: { content: 'hi' } }] }, { error: { message: 'broken' } }, { choices: [{ index: 0, delta: { content: 'more' } }] }),
    );
    for (const [body, path] of [
      [{ model: 'm', input: 'hi', stream: true }, '/v1/responses'],
      [{ ...MESSAGES, stream: true }, '/v1/messages'],
      [{ ...CHAT, stream: true }, '/v1/chat/completions'],
    ] as const) {
      const { events, text } = await ask(body, path);
      expect(events.at(-1).error ?? events.at(-1).response.error, path).to.be.an('object');
      expect(text).not.to.contain('more');
    }
  });
});
