import { expect } from 'chai';
import type { ChatChunk } from '../../core/contract/chat-wire.ts';
import type { Plugin } from '../../core/contract/plugin.ts';
import { modelMap } from '../../plugins/model-map.ts';
import { openaiCompatible } from '../../presets/openai-compatible.ts';
import { Following, type Pair, startPair, until } from '../support/pair.ts';
import { json, type Reply, ScriptedProvider, sse } from '../support/scripted-provider.ts';
import { startGateway } from '../support/test-gateway.ts';

const PATH = '/v1/chat/completions';
const BODY = { model: 'm', stream: true, messages: [{ role: 'user', content: 'hi' }], stream_options: { include_usage: true } };
const delta = (content: string) => `data: {"choices":[{"index":0,"delta":{"content":${JSON.stringify(content)}},"finish_reason":null}], "odd": 1}\n\n`;
const END = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}\n\n';
const USAGE = 'data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":2}}}\n\n';
const DONE = 'data: [DONE]\n\n';
const STREAM = `: hello\n\n${delta('Hel')}${delta('lo 😀')}${END}${USAGE}${DONE}`;
/** The bytes of a stream, cut as given. */
const inParts =
  (...parts: (string | Buffer)[]): Reply =>
  async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const part of parts) {
      response.write(part);
      await new Promise<void>((resolve) => void setImmediate(resolve));
    }
    response.end();
  };

describe('the native lane', () => {
  let pair: Pair;
  const start = async (options: Parameters<typeof startPair>[0] = {}) => {
    pair = await startPair(options);
  };
  afterEach(() => pair.stop());
  const post = (body: object = {}, headers: Record<string, string> = {}) => pair.gateway.post({ ...BODY, ...body }, headers, PATH);
  const ask = async (reply: Reply, body: object = {}, headers: Record<string, string> = {}) => {
    pair.provider.script(reply);
    const response = await post(body, headers);
    const text = await response.text();
    await until(() => pair.gateway.lines.some(({ msg }) => msg === 'exchange'));
    // biome-ignore lint/suspicious/noExplicitAny: tests look into lines of any shape
    return { status: response.status, headers: response.headers, text, line: pair.gateway.lines.findLast(({ msg }) => msg === 'exchange') as any };
  };

  it('sends the body as it is, but for the model and what only one provider may know', async () => {
    await start({ plugins: modelMap({ models: { m: 'real-model' } }) });
    const odd = { messages: [{ role: 'user', content: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }] }], brand_new: { field: [1] } };
    await ask(sse(STREAM), { ...odd, client_metadata: { secret: 1 } });
    expect(pair.provider.asked[0]?.body).to.deep.equal({ ...BODY, ...odd, model: 'real-model' });
    expect(pair.provider.asked[0]?.path).to.equal('/v1/chat/completions');
  });

  it("sends the dialect's own headers and none of the client's others", async () => {
    await start({ preset: { apiKey: 'key-of-the-provider' } });
    await ask(sse(STREAM), {}, { 'openai-beta': 'b=1', cookie: 'c', 'x-codex-window-id': 'w', authorization: 'Bearer of-the-client', 'user-agent': 'u' });
    const { headers } = pair.provider.asked[0] ?? {};
    expect(headers).to.include({ 'openai-beta': 'b=1', authorization: 'Bearer key-of-the-provider' });
    expect(headers).not.to.have.any.keys('cookie', 'x-codex-window-id', 'user-agent');
  });

  it('hands the bytes of a stream on as they are, and reads its usage', async () => {
    await start();
    const { status, text, line } = await ask(sse(STREAM));
    expect({ status, text }).to.deep.equal({ status: 200, text: STREAM });
    expect(line).to.deep.include({ lane: 'native', status: 'completed' });
    expect(line.usage).to.deep.equal({ input_tokens: 7, cached_tokens: 2, output_tokens: 3, reasoning_tokens: 0 });
  });

  it('hands them on wherever the stream is cut, with any line ends', async () => {
    await start();
    for (const stream of [STREAM, STREAM.replaceAll('\n', '\r\n')]) {
      const bytes = Buffer.from(stream);
      for (let at = 1; at < bytes.length; at += 7) {
        const { text, line } = await ask(inParts(bytes.subarray(0, at), bytes.subarray(at)));
        expect(text).to.equal(stream);
        expect(line.usage?.input_tokens, `cut at ${at}`).to.equal(7);
      }
    }
  });

  it('writes again only the events that a plugin changed', async () => {
    const shout: Plugin = {
      name: 'shout',
      wire: {
        chat: {
          chunk(chunk: ChatChunk) {
            const [choice] = chunk.choices ?? [];
            if (choice?.delta?.content === 'Hel') return { ...chunk, choices: [{ ...choice, delta: { content: 'HEL' } }] };
          },
        },
      },
    };
    await start({ plugins: shout });
    const { text, line } = await ask(sse(STREAM));
    expect(text).to.include('{"content":"HEL"}').and.to.include(delta('lo 😀').trim());
    expect(text).to.match(/data: \[DONE\]\n\n$/);
    expect(line.usage.output_tokens).to.equal(3);
  });

  it('hands a whole answer on byte for byte', async () => {
    await start();
    const whole =
      '{ "choices":[{"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],  "usage":{"prompt_tokens":7,"completion_tokens":3},"x":1.0 }';
    const { text, line, headers } = await ask(json(200, whole, { 'x-ratelimit-remaining-requests': '9', 'set-cookie': 'a=b', server: 's' }), { stream: false });
    expect(text).to.equal(whole);
    expect(line.usage.input_tokens).to.equal(7);
    expect(headers.get('x-ratelimit-remaining-requests')).to.equal('9');
    expect(headers.has('set-cookie') || headers.has('server')).to.equal(false);
  });

  it('tells a cut in the stream, and never calls it complete', async () => {
    await start();
    const { text, line } = await ask(sse(delta('Hel')));
    expect(text.startsWith(delta('Hel'))).to.equal(true);
    expect(text)
      .to.match(/data: \{"error":\{"message":"connection lost: the stream was interrupted, the provider ended its answer before it was complete"/)
      .and.not.include('[DONE]');
    expect(line).to.deep.include({ status: 'failed' });
    expect(line.error.code).to.equal('stream_cut');
  });

  it('takes what is private out of an error inside the stream, whatever stands before it', async () => {
    await start();
    const error = 'data: {"error":{"message":"no luck at https://10.1.2.3/secret with sk-abcdefghijklmnop","code":"server_error"}}\n\n';
    const { text, line } = await ask(sse(delta('Hel') + error + delta('never')));
    expect(text.startsWith(delta('Hel'))).to.equal(true);
    expect(text)
      .to.include('"error"')
      .and.not.match(/sk-abc|10\.1\.2\.3|never/);
    expect(line.status).to.equal('failed');
  });

  for (const [what, reply, status, code] of [
    ['throttling', json(429, { error: { message: 'slow down', code: 'rate_limit_exceeded' } }, { 'retry-after': '7' }), 429, 'rate_limit_exceeded'],
    ['a refused key', json(401, { error: { message: 'bad key sk-abcdefghijklmnop' } }), 502, 'upstream_authentication_error'],
    ['a web page', ((response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')) as Reply, 502, 'upstream_protocol'],
    ['one body in place of a stream', json(200, { choices: [] }), 502, 'upstream_protocol'],
  ] as const)
    it(`tells ${what} before the stream begins`, async () => {
      await start({ preset: { retries: { times: 0 } } });
      const told = await ask(reply);
      expect(told.status).to.equal(status);
      expect(JSON.parse(told.text).error.code).to.equal(code);
      expect(told.text).not.to.include('sk-abc');
      expect((await ask(sse(STREAM))).text).to.equal(STREAM);
    });

  for (const [what, reply] of [
    ['nothing', json(200, '')],
    ['something that is not JSON', json(200, '<ok/>')],
    ['a stream that was not asked for', sse(STREAM)],
    ['an error with status 200', json(200, { error: { message: 'x' } })],
  ] as const)
    it(`refuses ${what} as a whole answer`, async () => {
      await start({ preset: { retries: { times: 0 } } });
      expect((await ask(reply, { stream: false })).status).to.equal(502);
    });

  it('commits to 200 when the provider takes its time, and tells a late refusal in the stream', async () => {
    await start({ preset: { retries: { times: 0 } } });
    const late = Promise.withResolvers<void>();
    pair.provider.script(async (response) => {
      await late.promise;
      response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":{"message":"too late"}}');
    });
    const asked = post();
    await until(() => pair.clock.pending.includes(2000));
    pair.clock.advance(2000);
    const response = await asked;
    const stream = new Following(response);
    expect(response.status).to.equal(200);
    late.resolve();
    const [failure] = await stream.end();
    expect(failure.error.message).to.equal('too late');
  });

  it('ends what only pings, after the idle time', async () => {
    await start({ preset: { timeouts: { idle: 60_000 } } });
    const pings = Promise.withResolvers<(text: string) => void>();
    pair.provider.script((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(delta('Hel'));
      pings.resolve((text) => void response.write(text));
    });
    const stream = new Following(await post());
    await stream.until('Hel');
    const ping = await pings.promise;
    for (let time = 0; time < 60_000; time += 10_000) {
      ping(`: ${time}\n\n`);
      await stream.until(`: ${time}\n`);
      pair.clock.advance(10_000);
    }
    const events = await stream.end();
    expect(events.at(-1).error.message).to.include('nothing new for 60 s');
  });

  it('stops the provider when the client leaves', async () => {
    await start();
    pair.provider.script((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(delta('Hel'));
    });
    const leave = new AbortController();
    const response = await fetch(pair.gateway.url + PATH, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(BODY),
      signal: leave.signal,
    });
    await new Following(response).until('Hel');
    leave.abort();
    await until(() => pair.provider.aborted === 1);
    await until(() => pair.gateway.lines.some(({ msg, status }) => msg === 'exchange' && status === 'aborted'));
  });

  it('is left with lane: translated', async () => {
    await start({ lane: 'translated' });
    const { text, line } = await ask(sse(STREAM));
    expect(line.lane).to.equal('translated');
    expect(text).not.to.include('"odd"');
    expect(text).to.include('Hel');
  });

  it('asks for a model', async () => {
    await start();
    const { status, text } = await ask(sse(STREAM), { model: 7 });
    expect({ status, param: JSON.parse(text).error.param }).to.deep.equal({ status: 400, param: 'model' });
  });
});

describe('the frame of a body in the native lane', () => {
  const DOORS = { chat: '/v1/chat/completions', messages: '/v1/messages', responses: '/v1/responses' } as const;
  const ask = async (dialect: keyof typeof DOORS, body: object) => {
    const provider = await ScriptedProvider.start(json(400, { error: { message: 'asked' } }));
    const gateway = await startGateway({ preset: openaiCompatible({ endpoints: { [dialect]: provider.base }, retries: { times: 0 } }) });
    try {
      const given = dialect === 'responses' ? { input: 'hi' } : { messages: [{ role: 'user', content: 'hi' }] };
      const response = await gateway.post({ model: 'm', ...given, ...body }, {}, DOORS[dialect]);
      return { text: `${response.status} ${await response.text()}`, asked: provider.asked };
    } finally {
      await gateway.stop();
      await provider.stop();
    }
  };

  for (const dialect of ['chat', 'messages', 'responses'] as const)
    it(`of ${dialect} is checked before the provider is asked`, async () => {
      const list = dialect === 'responses' ? 'input' : 'messages';
      const frames: [object, RegExp][] = [
        [{ [list]: 5 }, new RegExp(`^400 .*${list}: expected a list`)],
        [{ [list]: ['hi'] }, /^400 .*\[0\]: expected an object/],
        [{ tools: {} }, /^400 .*tools: expected a list/],
        [{ tools: [null] }, /^400 .*tools\[0\]: expected an object, found null/],
        [{ stream: 'yes' }, /^400 .*stream: expected true or false/],
      ];
      if (dialect !== 'responses') frames.push([{ messages: undefined }, /^400 .*messages: this field is required/]);
      for (const [body, words] of frames) {
        const { text, asked } = await ask(dialect, body);
        expect(text).to.match(words);
        expect(asked).to.deep.equal([]);
      }
      expect((await ask(dialect, { tools: null, stream: null })).asked).to.have.lengthOf(1);
    });

  for (const dialect of ['chat', 'messages', 'responses'] as const)
    it(`of ${dialect} goes out without an empty list of tools`, async () => {
      const [empty] = (await ask(dialect, { tools: [], tool_choice: 'auto', parallel_tool_calls: true })).asked;
      expect(empty?.body).not.to.have.any.keys('tools', 'tool_choice', 'parallel_tool_calls');
      const tools = [{ type: 'function', name: 'f' }];
      expect((await ask(dialect, { tools, tool_choice: 'auto' })).asked[0]?.body).to.deep.include({ tools, tool_choice: 'auto' });
    });

  it('of chat goes out with a role for a message that has an empty one', async () => {
    const messages = [
      { role: 'user', content: 'a' },
      { role: '', content: 'b' },
    ];
    const [asked] = (await ask('chat', { messages })).asked;
    expect(asked?.body.messages.map(({ role }: { role: string }) => role)).to.deep.equal(['user', 'assistant']);
  });
});

describe('a thread of Messages in the native lane', () => {
  it('is refused, as most providers of Messages would ignore it, so that the SDK sends the whole conversation', async () => {
    const provider = await ScriptedProvider.start(json(200, {}));
    const gateway = await startGateway({ preset: openaiCompatible({ endpoints: { messages: provider.base } }) });
    try {
      const body = { model: 'm', max_tokens: 9, messages: [], thread: { type: 'continue', previous_message_id: 'msg_1' } };
      const response = await gateway.post(body, { 'anthropic-beta': 'message-threads-2026-08-12' }, '/v1/messages');
      const { error } = (await response.json()) as { error: object };
      expect(response.status).to.equal(400);
      expect(error).to.deep.include({ details: { error_code: 'thread_unsupported_request', unsupported: ['threads'] } });
      expect(provider.asked).to.deep.equal([]);
    } finally {
      await gateway.stop();
      await provider.stop();
    }
  });
});

describe('responses that a native provider keeps', () => {
  it('are asked of it, with the key, where none of that name is kept here', async () => {
    const provider = await ScriptedProvider.start();
    const gateway = await startGateway({ preset: openaiCompatible({ endpoints: { responses: provider.base }, apiKey: 'key-of-the-provider' }) });
    const seen: unknown[] = [];
    const replies: Record<string, Reply> = {
      'GET /v1/responses/resp_theirs?stream=true': sse('data: {"type":"response.completed"}\n\n'),
      'DELETE /v1/responses/resp_theirs': json(200, { id: 'resp_theirs', deleted: true }),
      'POST /v1/responses/resp_theirs/cancel': json(409, { error: { message: 'too late for key-of-the-provider, see https://10.0.0.1/x' } }),
      'GET /v1/responses/resp_keyed': json(401, { error: { message: 'Incorrect API key provided: key-****ider' } }),
      'GET /v1/responses/resp_down': json(500, 'at db-7.internal'),
    };
    provider.script((response, asked) => {
      seen.push([`${asked.method} ${asked.path}`, asked.headers.authorization]);
      return (replies[`${asked.method} ${asked.path}`] ?? json(404, { error: { message: 'theirs' } }))(response, asked);
    });
    const ask = async (method: string, path: string) => {
      const response = await fetch(gateway.url + path, { method });
      return `${response.status} ${await response.text()}`;
    };
    try {
      expect(await ask('GET', '/v1/responses/resp_theirs?stream=true')).to.equal('200 data: {"type":"response.completed"}\n\n');
      expect(await ask('DELETE', '/responses/resp_theirs')).to.equal('200 {"id":"resp_theirs","deleted":true}');
      expect(await ask('POST', '/v1/responses/resp_theirs/cancel'))
        .to.match(/^409 \{"error":\{"message":"too late for/)
        .and.not.match(/key-of-the-provider|10\.0\.0/);
      expect(await ask('GET', '/v1/responses/resp_nobodys')).to.match(/^404 .*no response \\"resp_nobodys/);
      expect(seen[0]).to.deep.equal(['GET /v1/responses/resp_theirs?stream=true', 'Bearer key-of-the-provider']);
      for (const id of ['resp_keyed', 'resp_down'])
        expect(await ask('GET', `/v1/responses/${id}`))
          .to.match(/^502 /)
          .and.not.match(/Incorrect|db-7/);
      const before = seen.length;
      for (const id of ['%2e%2e', '..%2fmodels', '%2e%2e%2fmodels', 'a%3fb', '%00']) {
        expect(await ask('GET', `/v1/responses/${id}`)).to.match(/^404 /);
        expect(await ask('DELETE', `/v1/responses/${id}`)).to.match(/^404 /);
      }
      expect(seen.slice(before), 'nothing outside its own routes').to.deep.equal([]);
    } finally {
      await gateway.stop();
      await provider.stop();
    }
  });
});
