import type http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { expect } from 'chai';
import { agentOptions, TIMEOUTS } from '../../core/upstreams/http.ts';
import { answered, Following, type Pair, startPair, until } from '../support/pair.ts';
import { json, type Reply, ScriptedProvider, says, sse } from '../support/scripted-provider.ts';

const KEY = 'sk-secret-0123456789abcdef';
const CODEX = { originator: 'codex_exec' };
const HEAD = { 'content-type': 'text/event-stream' };
const TEXT = chunk({ delta: { content: 'Once' } });
const FINISH = chunk({ delta: {}, finish_reason: 'stop' });

function chunk(choice: object): string {
  return `data: ${JSON.stringify({ choices: [choice] })}\n\n`;
}
function fails(status: number, error: object = { message: `told ${status}` }, headers: Record<string, string> = {}): Reply {
  return json(status, { error }, headers);
}
/** Keeps the answer for the test to write. */
function holds(held: http.ServerResponse[], ...sent: string[]): Reply {
  return (response) => {
    if (sent.length > 0) response.writeHead(200, HEAD).write(sent.join(''));
    held.push(response);
  };
}
/** A server that closes each connection as soon as something comes. */
async function startResetting(): Promise<{ base: string; connections: () => number; stop(): Promise<unknown> }> {
  let connections = 0;
  const server = net.createServer((socket) => {
    connections++;
    socket.on('error', () => {}).on('data', () => socket.resetAndDestroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  return { base, connections: () => connections, stop: () => new Promise((resolve) => server.close(resolve)) };
}

describe('a provider that fails', () => {
  let pair: Pair;
  let held: http.ServerResponse[];
  const use = async (options: Parameters<typeof startPair>[0] = {}) => {
    await pair?.stop();
    pair = await startPair({ ...options, preset: { apiKey: KEY, ...options.preset } });
    held = [];
    return pair;
  };
  /** Asks without waiting for the answer. */
  const begin = (body: object = {}, headers: Record<string, string> = {}) => pair.gateway.post({ model: 'm', input: 'hi', stream: true, ...body }, headers);
  const askedTimes = (times: number) => until(() => pair.provider.asked.length === times);
  beforeEach(() => use());
  afterEach(async () => {
    await pair.gateway.stop();
    await pair.provider.stop();
  });

  describe('refuses', () => {
    const REFUSALS: [told: number, status: number, type: string, code: string, retryAfter: string | null][] = [
      [400, 400, 'invalid_request_error', 'invalid_value', null],
      [401, 502, 'upstream_authentication_error', 'upstream_authentication_error', null],
      [402, 429, 'insufficient_quota', 'insufficient_quota', null],
      [403, 403, 'permission_error', 'permission_denied', null],
      [404, 404, 'invalid_request_error', 'model_not_found', null],
      [408, 504, 'timeout_error', 'timeout', null],
      [413, 413, 'invalid_request_error', 'request_too_large', null],
      [422, 400, 'invalid_request_error', 'invalid_value', null],
      [429, 429, 'rate_limit_error', 'rate_limit_exceeded', '1'],
      [500, 502, 'server_error', 'server_error', null],
      [502, 502, 'server_error', 'server_error', null],
      [503, 503, 'server_error', 'server_is_overloaded', null],
      [504, 504, 'timeout_error', 'timeout', null],
      [529, 503, 'server_error', 'server_is_overloaded', null],
    ];
    for (const [told, status, type, code, retryAfter] of REFUSALS) {
      for (const stream of [false, true]) {
        it(`with ${told}, which ${stream ? 'streaming clients' : 'clients'} see as ${status} ${code}`, async () => {
          await use({ preset: { retries: { times: 0 } } });
          const answer = await pair.ask([fails(told)], { stream });
          expect([answer.status, answer.headers.get('retry-after')]).to.deep.equal([status, retryAfter]);
          expect(Object.keys(answer.final.error)).to.have.members(['message', 'type', 'param', 'code']);
          expect(answer.final.error).to.include({ type, code });
          expect(answer.line).to.include({ status: 'failed', httpStatus: status });
        });
      }
    }

    const SHAPES: [string, object][] = [
      ["OpenAI's error object", { error: { message: 'too hot', type: 'invalid_request_error', param: 'temperature', code: 'invalid_value' } }],
      ["Z.ai's error object", { error: { code: '1210', message: 'too hot' } }],
      ["Mistral's flat error", { object: 'error', message: 'too hot', type: 'invalid_request_error', param: null, code: '1500' }],
      ["xAI's error text", { code: 'Client specified an invalid argument', error: 'too hot' }],
      ["ChatGPT's detail", { detail: 'too hot' }],
      ["Mistral's list of details", { detail: [{ type: 'less_than_equal', loc: ['body', 'temperature'], msg: 'too hot' }] }],
      ["Gemini's list", [{ error: { code: 400, message: 'too hot', status: 'INVALID_ARGUMENT' } }]],
    ];
    for (const [name, body] of SHAPES) {
      it(`in ${name}, whose message the client reads`, async () => {
        const answer = await pair.ask([json(400, body)]);
        expect([answer.status, answer.final.error.message]).to.deep.equal([400, 'too hot']);
      });
    }

    it('with the name of the field, which the client reads', async () => {
      const answer = await pair.ask([fails(400, { message: 'too hot', param: 'temperature' })]);
      expect(answer.final.error.param).to.equal('temperature');
    });

    it("in Z.ai's shape with HTTP 200, which is a failure", async () => {
      for (const stream of [false, true]) {
        const answer = await pair.ask([json(200, { code: 1234, msg: 'no', success: false })], { stream });
        expect([answer.status, answer.final.error.type]).to.deep.equal([502, 'server_error']);
      }
    });

    it('with nothing that can be read, of which nothing is copied', async () => {
      for (const body of ['', 'null', '"x"', '[]', '42', '<html><body><h1>Bad Gateway</h1></html>', '{"error":{"message":{"a":1}}}']) {
        const answer = await pair.ask([json(400, body)]);
        const what = body.startsWith('<') ? 'a web page' : body === '"x"' ? 'something that is no message' : 'no message';
        expect([answer.status, answer.final.error.message]).to.deep.equal([400, `the provider (127.0.0.1) answered HTTP 400 with ${what}`]);
      }
    });

    it('because the conversation is too long, in any words and with any status', async () => {
      const told: [number, object][] = [
        [400, { code: 'context_length_exceeded', message: 'x' }],
        [400, { message: "This model's maximum context length is 128000 tokens" }],
        [400, { code: 'exceed_context_size_error', message: 'the request exceeds the available context size' }],
        [422, { message: 'Prompt exceeds max length' }],
        [500, { message: 'Context size has been exceeded.' }],
      ];
      await use({ preset: { retries: { times: 0 } } });
      const seen: unknown[] = [];
      for (const [status, error] of told) {
        const answer = await pair.ask([fails(status, error)]);
        seen.push([status, answer.status, answer.final.error.code]);
      }
      expect(seen).to.deep.equal(told.map(([status]) => [status, 400, 'context_length_exceeded']));
    });

    it('with a redirect, which is not followed', async () => {
      const other = await ScriptedProvider.start(says('gotcha'));
      try {
        for (const status of [301, 302, 303, 307, 308]) {
          const answer = await pair.ask([(response) => void response.writeHead(status, { location: `${other.base}/chat/completions` }).end()]);
          expect([answer.status, answer.final.error.code]).to.deep.equal([502, 'upstream_protocol']);
        }
        expect(other.asked).to.deep.equal([]);
      } finally {
        await other.stop();
      }
    });

    it('with a retry-after in any form, told in whole seconds', async () => {
      const date = new Date(pair.clock.now() + 30_000).toUTCString();
      const past = new Date(pair.clock.now() - 30_000).toUTCString();
      const forms: [headers: Record<string, string>, message: string, seconds: string][] = [
        [{ 'retry-after': '7' }, 'x', '7'],
        [{ 'retry-after': '6.2' }, 'x', '7'],
        [{ 'retry-after-ms': '5500', 'retry-after': '9' }, 'x', '6'],
        [{ 'retry-after': date }, 'x', '30'],
        [{ 'retry-after': past }, 'x', '1'],
        [{ 'retry-after': 'soon' }, 'x', '1'],
        [{ 'retry-after': '-3' }, 'x', '1'],
        [{ 'retry-after': '' }, 'x', '1'],
        [{ 'retry-after-ms': 'soon', 'retry-after': '4' }, 'x', '4'],
        [{}, 'Rate limit reached. Please try again in 5.289s.', '6'],
        [{}, 'try again in 1m2.5s', '63'],
        [{}, 'try again in 2m', '120'],
        [{}, 'try again in 500ms', '1'],
        [{ 'retry-after': '8' }, 'try again in 3s', '8'],
        [{}, 'x', '1'],
      ];
      await use({ preset: { retries: { times: 0 } } });
      const seen: unknown[] = [];
      for (const [headers, message] of forms) seen.push([headers, message, (await pair.ask([fails(429, { message }, headers)])).headers.get('retry-after')]);
      expect(seen).to.deep.equal(forms);
    });

    it('because of quota, without a retry-after and asked once', async () => {
      const quotas = [{ code: 'insufficient_quota' }, { type: 'insufficient_quota' }, { code: 'usage_limit_reached' }];
      for (const error of quotas) {
        const answer = await pair.ask([fails(429, { message: 'pay first', ...error }, { 'retry-after': '1' })]);
        expect([answer.status, answer.final.error.code, answer.headers.get('retry-after')]).to.deep.equal([429, 'insufficient_quota', null]);
      }
      expect(pair.provider.asked).to.have.length(quotas.length);
    });
  });

  describe('breaks', () => {
    it('as it is down, which is told after three attempts', async () => {
      const { base } = pair.provider;
      await pair.provider.stop();
      for (const stream of [false, true]) {
        const response = begin({ stream });
        for (const delay of [187.5, 375]) {
          await until(() => pair.clock.pending.includes(delay));
          pair.clock.advance(delay);
        }
        const { status, final } = await answered(await response, pair.gateway);
        expect([status, final.error.code]).to.deep.equal([502, 'upstream_unreachable']);
        expect(final.error.message).not.to.include(new URL(base).host);
      }
      await use();
    });

    it('every connection before it answers, which is told after three attempts', async () => {
      const resetting = await startResetting();
      await use({ preset: { endpoints: { chat: resetting.base } } });
      const response = begin({ stream: false });
      for (const delay of [187.5, 375]) {
        await until(() => pair.clock.pending.includes(delay));
        pair.clock.advance(delay);
      }
      const { status, final } = await answered(await response, pair.gateway);
      expect([status, final.error.code, resetting.connections()]).to.deep.equal([502, 'upstream_unreachable', 3]);
      await pair.gateway.stop();
      await resetting.stop();
      await use();
    });

    it('in the middle of a stream', async () => {
      const answer = await pair.ask([(response) => void response.writeHead(200, HEAD).write(TEXT, () => response.socket?.resetAndDestroy())]);
      expect(answer.events.at(-1).type).to.equal('response.failed');
      expect(answer.events.some(({ delta }) => delta === 'Once')).to.equal(true);
      expect([answer.line.error.code, answer.final.error.code]).to.deep.equal(['stream_cut', 'server_error']);
      expect(pair.provider.asked).to.have.length(1);
    });

    it('after the finish reason, which is no failure', async () => {
      const answer = await pair.ask([(response) => void response.writeHead(200, HEAD).write(TEXT + FINISH, () => response.socket?.resetAndDestroy())]);
      expect(answer.events.at(-1).type).to.equal('response.completed');
    });

    it('in the middle of a whole answer', async () => {
      const cut: Reply = (response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
        response.write('{"choices":[{"message":{"content":"Once', () => response.socket?.resetAndDestroy());
      };
      const answer = await pair.ask([cut], { stream: false });
      expect(answer.status).to.equal(502);
      expect(answer.final.error.type).to.equal('server_error');
      expect(answer.line.status).to.equal('failed');
    });

    const page = '<!doctype html><title>Sign in</title><p>internal-host-7';
    const NOT_AN_ANSWER: [string, Reply][] = [
      ['a web page', (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end(page)],
      ['a web page that is said to be a stream', (response) => void response.writeHead(200, HEAD).end(page)],
      ['nothing', (response) => void response.writeHead(200).end()],
      ['an empty stream', (response) => void response.writeHead(200, HEAD).end()],
      ['an empty whole answer', json(200, '')],
      ['garbage in place of a whole answer', json(200, '{"choices":[')],
      ['an answer without choices', json(200, {})],
      ['an answer that is no object', json(200, '"ok"')],
      ['garbage in a stream', sse(TEXT, 'data: {"choices":[{"del\n\n', FINISH, 'data: [DONE]\n\n')],
      ['bytes of any kind', (response) => void response.writeHead(200, HEAD).end(Buffer.from([0, 255, 254, 10, 10, 128]))],
    ];
    it('by sending no content, which is told before the stream begins', async () => {
      const reply: Reply = (response) => void response.writeHead(204).end();
      for (const stream of [true, false]) expect((await pair.ask([reply], { stream })).status).to.equal(502);
    });

    for (const [name, reply] of NOT_AN_ANSWER) {
      it(`by sending ${name}`, async () => {
        const streamed = await pair.ask([reply]);
        // what is seen before the head keeps its status
        if (streamed.status === 200) expect(streamed.events.at(-1).type).to.equal('response.failed');
        else expect(streamed.status).to.equal(502);
        expect(streamed.final.error.message).not.to.match(/<|internal-host/);
        const whole = await pair.ask([reply], { stream: false });
        expect(whole.status).to.equal(502);
        expect(whole.final.error.type).to.equal('server_error');
        expect(whole.line.error.code).to.be.oneOf(['upstream_protocol', 'stream_cut']);
        expect(streamed.line.error.code).to.equal(whole.line.error.code);
        expect(whole.final.error.message).not.to.match(/<|internal-host/);
        expect(pair.provider.asked).to.have.length(2);
      });
    }

    it('by sending a web page with 502, of which nothing is copied', async () => {
      await use({ preset: { retries: { times: 0 } } });
      const answer = await pair.ask([(response) => void response.writeHead(502, { 'content-type': 'text/html' }).end(page)]);
      expect(answer.status).to.equal(502);
      expect(answer.final.error.message)
        .to.include('502')
        .and.not.match(/<|internal-host|Sign in/);
    });

    it('by a stream that ends too early, to a client that does not stream', async () => {
      const answer = await pair.ask([sse(TEXT)], { stream: false });
      expect([answer.status, answer.final.error.code]).to.deep.equal([502, 'server_error']);
    });
  });

  describe('is asked again', () => {
    for (const status of [408, 500, 502, 503, 529]) {
      it(`after ${status}, at most twice, and later each time`, async () => {
        pair.provider.script(fails(status));
        const response = begin({ stream: false });
        for (const [at, delay] of [187.5, 375].entries()) {
          await until(() => pair.clock.pending.includes(delay));
          pair.clock.advance(delay - 1);
          expect(pair.provider.asked).to.have.length(at + 1);
          expect(pair.clock.pending).to.include(delay);
          pair.clock.advance(1);
        }
        expect((await response).ok).to.equal(false);
        expect(pair.provider.asked).to.have.length(3);
      });
    }

    it('until it answers, with the same request', async () => {
      pair.provider.script(fails(500), says('hello'));
      const response = begin();
      await until(() => pair.clock.pending.includes(187.5));
      pair.clock.advance(187.5);
      const { events } = await answered(await response, pair.gateway);
      expect(events.at(-1).type).to.equal('response.completed');
      expect(pair.provider.asked).to.have.length(2);
      expect(pair.provider.asked[0]?.raw).to.equal(pair.provider.asked[1]?.raw);
    });

    it('after throttling that ends within two seconds, when it has ended', async () => {
      for (const [headers, wait] of [
        [{}, 1000],
        [{ 'retry-after': '2' }, 2000],
      ] as const) {
        await use();
        pair.provider.script(fails(429, { message: 'slowly' }, headers), says('hello'));
        const response = begin({ stream: false });
        await until(() => pair.clock.pending.includes(wait));
        pair.clock.advance(wait);
        expect((await response).status).to.equal(200);
        expect(pair.provider.asked).to.have.length(2);
      }
    });

    it('never after another refusal', async () => {
      for (const status of [400, 401, 402, 403, 404, 413, 422, 504]) await pair.ask([fails(status)]);
      expect(pair.provider.asked).to.have.length(8);
    });

    it('never after throttling or overload that lasts longer', async () => {
      for (const status of [429, 503]) {
        const answer = await pair.ask([fails(status, { message: 'later' }, { 'retry-after': '3' })], { stream: false });
        expect([answer.status, answer.headers.get('retry-after')]).to.deep.equal([status, '3']);
      }
      expect(pair.provider.asked).to.have.length(2);
    });

    it('not when the wait does not fit into the time a streaming client is kept without a status', async () => {
      await use({ commitAfter: 187 });
      expect((await pair.ask([fails(500)])).status).to.equal(502);
      expect(pair.provider.asked).to.have.length(1);
    });

    it('not when that time has passed', async () => {
      pair.provider.script(holds(held));
      const response = begin();
      await askedTimes(1);
      pair.clock.advance(1900);
      held[0]?.writeHead(500).end('{}');
      expect((await response).status).to.equal(502);
      expect(pair.provider.asked).to.have.length(1);
    });

    it('not once an answer has begun', async () => {
      const answer = await pair.ask([sse(TEXT, { error: { message: 'no more', code: 500 } }), says('again')]);
      expect(answer.events.at(-1).type).to.equal('response.failed');
      expect(pair.provider.asked).to.have.length(1);
    });

    it('not when the client has left meanwhile', async () => {
      pair.provider.script(fails(500), says('hello'));
      const leaving = new AbortController();
      const { url } = pair.gateway;
      const body = JSON.stringify({ model: 'm', input: 'hi' });
      const response = fetch(`${url}/v1/responses`, { method: 'POST', headers: { 'content-type': 'application/json' }, body, signal: leaving.signal });
      await until(() => pair.clock.pending.includes(187.5));
      leaving.abort();
      await response.catch(() => {});
      await until(() => !pair.clock.pending.includes(187.5));
      pair.clock.advance(10_000);
      await fetch(`${url}/health`);
      expect(pair.provider.asked).to.have.length(1);
    });
  });

  describe('is silent', () => {
    it('gives undici the times of ours', () => {
      expect(TIMEOUTS).to.deep.equal({ connect: 10_000, headers: 300_000, idle: 300_000 });
      const { connect, headersTimeout, bodyTimeout } = agentOptions(TIMEOUTS);
      expect({ connect, headersTimeout, bodyTimeout }).to.deep.equal({ connect: { timeout: 10_000 }, headersTimeout: 300_000, bodyTimeout: 300_000 });
    });

    it('for 300 s before its status', async () => {
      pair.provider.script(holds(held));
      const response = begin({ stream: false });
      await askedTimes(1);
      pair.clock.advance(299_999);
      expect(pair.clock.pending).to.include(300_000);
      pair.clock.advance(1);
      const { status, final } = await answered(await response, pair.gateway);
      expect([status, final.error.type]).to.deep.equal([504, 'timeout_error']);
      await until(() => pair.provider.aborted === 1);
      expect(pair.provider.asked).to.have.length(1);
    });

    it('for 300 s in the middle of its stream', async () => {
      pair.provider.script(holds(held, TEXT));
      const following = new Following(await begin());
      await following.until('"delta":"Once"');
      pair.clock.advance(299_999);
      expect(pair.clock.pending).to.include(300_000);
      pair.clock.advance(1);
      const events = await following.end();
      expect(events.at(-1).type).to.equal('response.failed');
      expect(events.at(-1).response.error.code).to.equal('timeout');
      await until(() => pair.provider.aborted === 1);
    });

    it('for 300 s in the middle of a whole answer', async () => {
      pair.provider.script((response) => {
        response.writeHead(200, { 'content-type': 'application/json' }).write('{"choices":');
      });
      const response = begin({ stream: false });
      await until(() => pair.clock.pending.includes(300_000) && pair.provider.asked.length === 1);
      await fetch(`${pair.gateway.url}/health`);
      pair.clock.advance(300_000);
      expect((await response).status).to.equal(504);
    });

    it('as long as the preset allows', async () => {
      await use({ preset: { timeouts: { headers: 5_000, idle: 7_000 } } });
      pair.provider.script(holds(held), holds(held, TEXT));
      const first = begin({ stream: false });
      await askedTimes(1);
      pair.clock.advance(5_000);
      expect((await first).status).to.equal(504);
      const following = new Following(await begin());
      await following.until('Once');
      pair.clock.advance(7_000);
      expect((await following.end()).at(-1).type).to.equal('response.failed');
    });

    it('before its first word as long as the preset allows, and then as usual', async () => {
      for (const [firstToken, waits] of [
        [0, 86_400_000],
        [900_000, 899_999],
      ] as const) {
        await use({ preset: { timeouts: { headers: 0, firstToken } } });
        pair.provider.script(holds(held, ': loading\n\n'));
        const following = new Following(await begin());
        await following.until('response.created');
        await until(() => held.length === 1 && (firstToken === 0 || pair.clock.pending.includes(firstToken)));
        // hour by hour: a client that reads must get to read
        for (let left = waits; left > 0; left -= 3_600_000) {
          pair.clock.advance(Math.min(left, 3_600_000));
          await new Promise((resolve) => void setImmediate(resolve));
        }
        held[0]?.write(TEXT);
        await following.until('Once');
        expect(pair.clock.pending).to.include(300_000).and.not.to.include(900_000);
        pair.clock.advance(300_000);
        expect((await following.end()).at(-1).response.error.message).to.include('nothing new for 300 s');
      }
      expect(agentOptions({ ...TIMEOUTS, firstToken: 0 }).bodyTimeout).to.equal(0);
      expect(agentOptions({ ...TIMEOUTS, firstToken: 900_000 }).bodyTimeout).to.equal(900_000);
    });

    it('but for pings, which do not count', async () => {
      for (const ping of [': ping\n\n', 'event: ping\ndata: {}\n\n', chunk({ delta: {} }), 'data: {"choices":[],"usage":null}\n\n']) {
        await use();
        pair.provider.script(holds(held, TEXT));
        const following = new Following(await begin());
        await following.until('Once');
        pair.clock.advance(200_000);
        await new Promise((sent) => held[0]?.write(ping, sent));
        await fetch(`${pair.gateway.url}/health`); // by now the gateway has read it
        pair.clock.advance(100_000);
        expect((await following.end()).at(-1).type, ping).to.equal('response.failed');
      }
    });

    it('between two pieces of progress, each of which counts', async () => {
      pair.provider.script(holds(held, TEXT));
      const following = new Following(await begin());
      await following.until('Once');
      for (const word of ['upon', 'a', 'time']) {
        pair.clock.advance(299_000);
        held[0]?.write(chunk({ delta: { content: word } }));
        await following.until(`"delta":"${word}"`);
      }
      held[0]?.end(FINISH);
      expect((await following.end()).at(-1).type).to.equal('response.completed');
    });

    it('after its finish reason, for three seconds', async () => {
      pair.provider.script(holds(held, TEXT + FINISH));
      const following = new Following(await begin());
      await following.until('Once');
      await until(() => pair.clock.pending.includes(3_000));
      pair.clock.advance(2_999);
      expect(pair.clock.pending).to.include(3_000);
      held[0]?.write('data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":6}}\n\n');
      await fetch(`${pair.gateway.url}/health`);
      pair.clock.advance(1);
      const events = await following.end();
      expect(events.at(-1).type).to.equal('response.completed');
      expect(events.at(-1).response.usage).to.include({ input_tokens: 5, output_tokens: 6 });
      await until(() => pair.provider.aborted === 1);
    });

    it('after [DONE], for which nobody waits', async () => {
      for (const stream of [true, false]) {
        pair.provider.script(holds(held, TEXT, FINISH, 'data: [DONE]\n\n'));
        const { status, final } = await answered(await begin({ stream }), pair.gateway);
        expect([status, final.status]).to.deep.equal([200, 'completed']);
      }
    });
  });

  describe('keeps a streaming client waiting', () => {
    it('for two seconds without a status, and then its failure is told in the stream', async () => {
      pair.provider.script(holds(held));
      const response = begin();
      await askedTimes(1);
      pair.clock.advance(1_999);
      expect(pair.clock.pending).to.include(2_000);
      pair.clock.advance(1);
      const following = new Following(await response);
      await following.until('response.in_progress');
      held[0]?.writeHead(400, { 'content-type': 'application/json' }).end('{"error":{"message":"too hot"}}');
      const events = await following.end();
      expect(events.map(({ type }) => type)).to.deep.equal(['response.created', 'response.in_progress', 'response.failed']);
      expect(events.at(-1).response.error).to.deep.equal({ code: 'invalid_value', message: 'too hot' });
    });

    it('for two seconds without a status, and then answers', async () => {
      pair.provider.script(holds(held));
      const response = begin();
      await askedTimes(1);
      pair.clock.advance(2_000);
      const following = new Following(await response);
      await following.until('response.created');
      held[0]?.writeHead(200, HEAD).end(`${TEXT}${FINISH}data: [DONE]\n\n`);
      const events = await following.end();
      expect(events.at(-1).type).to.equal('response.completed');
      expect(events.filter(({ type }) => type === 'response.created')).to.have.length(1);
    });

    it('but not one that does not stream: it keeps the status', async () => {
      pair.provider.script(holds(held));
      const response = begin({ stream: false });
      await askedTimes(1);
      pair.clock.advance(60_000);
      held[0]?.writeHead(404).end('{}');
      expect((await response).status).to.equal(404);
    });

    it('with a comment every 15 s of silence', async () => {
      pair.provider.script(holds(held, TEXT));
      const following = new Following(await begin());
      await following.until('Once');
      pair.clock.advance(14_999);
      held[0]?.write(chunk({ delta: { content: 'upon' } }));
      await following.until('upon');
      pair.clock.advance(14_999);
      held[0]?.write(chunk({ delta: { content: 'time' } }));
      await following.until('time');
      expect(following.text).not.to.include('keepalive');
      pair.clock.advance(15_000);
      await following.until(': keepalive\n\n');
      pair.clock.advance(15_000);
      await following.until(': keepalive\n\n: keepalive\n\n');
      held[0]?.end(FINISH);
      expect((await following.end()).at(-1).type).to.equal('response.completed');
    });

    it('with an event every 15 s, if it is Codex', async () => {
      pair.provider.script(holds(held));
      const response = begin({}, CODEX);
      await askedTimes(1);
      pair.clock.advance(2_000);
      const following = new Following(await response);
      pair.clock.advance(15_000);
      await following.until('event: keepalive\ndata: {"type":"keepalive"}\n\n');
      held[0]?.writeHead(200, HEAD).end(TEXT + FINISH);
      expect((await following.end()).at(-1).type).to.equal('response.completed');
    });

    it('which does not hide that the provider is silent', async () => {
      pair.provider.script(holds(held));
      const response = begin();
      await askedTimes(1);
      pair.clock.advance(300_000);
      const events = await new Following(await response).end();
      expect(events.at(-1).response.error.code).to.equal('timeout');
    });
  });

  describe('is left alone as soon as the client leaves', () => {
    const leave = async (body: object, until_: (following: Promise<Response>) => Promise<unknown>) => {
      const leaving = new AbortController();
      const response = fetch(`${pair.gateway.url}/v1/responses`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'm', input: 'hi', ...body }),
        signal: leaving.signal,
      });
      response.catch(() => {});
      await until_(response);
      leaving.abort();
      await until(() => pair.provider.aborted === 1);
      await until(() => pair.gateway.lines.some(({ msg }) => msg === 'exchange'));
      expect(pair.gateway.lines.find(({ msg }) => msg === 'exchange')).to.include({ status: 'aborted' });
      expect(pair.clock.pending).to.deep.equal([]);
    };

    it('before the status', async () => {
      pair.provider.script(holds(held));
      await leave({ stream: true }, () => askedTimes(1));
    });

    it('in the middle of the stream', async () => {
      pair.provider.script(holds(held, TEXT));
      await leave({ stream: true }, async (response) => new Following(await response).until('Once'));
    });

    it('when it does not stream', async () => {
      pair.provider.script(holds(held));
      await leave({ stream: false }, () => askedTimes(1));
    });
  });

  describe('repeats our key', () => {
    const told = `Incorrect API key provided: ${KEY}. In a URL: ${encodeURIComponent(KEY)}`;
    const LEAKS: [string, Reply][] = [
      ['in a refusal', fails(400, { message: told })],
      ['in a refusal of the key', fails(401, { message: told })],
      ['as the name of a field', fails(400, { message: 'x', param: KEY })],
      ['as code and type', fails(400, { message: 'x', code: KEY, type: KEY })],
      ['in its stream', sse(TEXT, { error: { message: told, param: KEY, code: KEY } })],
      ['in a whole answer', json(200, { error: { message: told } })],
      ['as the finish reason', sse({ choices: [{ delta: { content: 'x' }, finish_reason: KEY }] })],
      ['as a header', fails(400, { message: 'x' }, { 'retry-after': KEY, 'x-key': KEY })],
    ];
    for (const disable of [[], ['error-sanitizer']]) {
      for (const [where, reply] of LEAKS) {
        it(`${where}, and neither answer nor log has it${disable.length > 0 ? ', without the sanitizer too' : ''}`, async () => {
          await use({ disable });
          for (const stream of [true, false]) {
            pair.provider.script(reply);
            const response = await begin({ stream });
            const seen = JSON.stringify([...response.headers]) + (await response.text());
            expect(seen).not.to.include(KEY);
          }
          expect(pair.provider.asked[0]?.headers.authorization).to.equal(`Bearer ${KEY}`);
          expect(JSON.stringify(pair.gateway.lines)).not.to.include(KEY);
          expect(pair.gateway.lines.filter(({ msg }) => msg === 'exchange')).to.have.length(2);
        });
      }
    }
  });

  it('is told once per exchange in the log, with what went wrong', async () => {
    const { line } = await pair.ask([fails(400)]);
    expect(line).to.deep.include({ status: 'failed', httpStatus: 400, error: { code: 'invalid_request', message: 'told 400' } });
    expect(pair.gateway.lines.filter(({ msg }) => msg === 'exchange')).to.have.length(1);
  });

  it('does not disturb the next exchange', async () => {
    for (const reply of [fails(400), sse(TEXT), json(200, ''), fails(401)]) await pair.ask([reply]);
    const answer = await pair.ask([says('hello')]);
    expect(answer.events.at(-1).type).to.equal('response.completed');
  });
});
