import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { WholeEvents } from '../../core/upstreams/whole-events.ts';
import { openaiCompatible } from '../../presets/openai-compatible.ts';
import { type Pair, startPair } from '../support/pair.ts';
import { json, type Reply, ScriptedProvider, sse } from '../support/scripted-provider.ts';
import { startGateway } from '../support/test-gateway.ts';

const TEXT = 'data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]}\n\n';
const END = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
const BODY = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };
const compressed: Reply = (response) =>
  void response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' }).end(gzipSync(TEXT + END));

describe('a stream in the native lane', () => {
  let pair: Pair;
  const ask = async (reply: Reply, stream = true) => {
    pair = await startPair();
    pair.provider.script(reply);
    const response = await pair.gateway.post({ ...BODY, stream }, {}, '/v1/chat/completions');
    return { status: response.status, text: await response.text() };
  };
  afterEach(() => pair.stop());

  it('ends at its end: what the provider says behind it is not handed on, above all no error with private words', async () => {
    const { text } = await ask(sse(`${TEXT}${END}data: {"error":{"message":"private words"}}\n\n`));
    expect(text).to.equal(TEXT + END);
  });

  it('never hands on half an event when the provider breaks off', async () => {
    const { text } = await ask(sse(TEXT + TEXT.slice(0, 40)));
    expect(text).to.match(/^data: \{"choices".*\n\ndata: \{"error":.*\n\n$/);
  });

  it('is refused where it comes compressed, which was not asked for', async () => {
    const { status, text } = await ask(compressed);
    expect(status).to.equal(502);
    expect(text).to.contain('content-encoding: gzip');
  });
});

describe('a client that asks for a whole answer', () => {
  it('gets it though the provider streams, and says something odd behind its end', async () => {
    const pair = await startPair();
    try {
      const { status, final } = await pair.ask([sse(`${TEXT}${END}data: no JSON\n\n`)], { stream: false });
      expect(status).to.equal(200);
      expect(final.output[0].content[0].text).to.equal('hi');
    } finally {
      await pair.stop();
    }
  });
});

describe('the events of a stream', () => {
  const cut = (text: string, size: number) => {
    const whole = new WholeEvents();
    const bytes = Buffer.from(text);
    const parts: string[] = [];
    for (let at = 0; at < bytes.length; at += size) parts.push(String(whole.take(bytes.subarray(at, at + size))));
    return { parts: parts.filter(Boolean), rest: String(whole.rest) };
  };

  it('are handed on whole wherever the reads cut them, with any line ends', () => {
    for (const end of ['\n\n', '\r\n\r\n', '\r\r', '\n\r\n', '\r\n\n'])
      for (const size of [1, 2, 3, 5, 7, 100]) {
        const { parts, rest } = cut(`data: 1${end}data: 😀${end}data: 3`, size);
        expect(parts.join('')).to.equal(`data: 1${end}data: 😀${end}`);
        expect(rest).to.equal('data: 3');
      }
  });

  it('are handed on as soon as they are whole, and never in two parts', () => {
    for (const line of ['\n', '\r\n', '\r'])
      for (const size of [1, 2, 3, 5, 100]) {
        const { parts } = cut(`event: a${line}data: 1${line}${line}: b${line}data: 2${line}${line}`, size);
        const whole = parts.map((part) => part.trim().split(line));
        const events = [
          ['event: a', 'data: 1'],
          [': b', 'data: 2'],
        ];
        expect(whole, `${JSON.stringify(line)} ${size}`).to.deep.equal(size === 100 ? [[...(events[0] ?? []), '', ...(events[1] ?? [])]] : events);
      }
  });

  it('are put together in a time that grows with their size, not with its square', () => {
    const whole = new WholeEvents();
    const read = Buffer.alloc(16 << 10, 'x');
    const from = process.cpuUsage().user;
    for (let size = 0; size < 60 << 20; size += read.length) whole.take(read);
    expect(whole.take(Buffer.from('\n\n')).length).to.equal((60 << 20) + 2);
    expect((process.cpuUsage().user - from) / 1000).to.be.below(4_000);
  });

  it('are no larger than 64 MiB', () => {
    const whole = new WholeEvents();
    whole.take(Buffer.alloc(40 << 20, 'x'));
    expect(() => whole.take(Buffer.alloc(30 << 20, 'x'))).to.throw('larger than 64 MiB');
  });
});

describe("a provider's own count of tokens", () => {
  it("is asked for with the dialect's own headers, and without what only one provider may know", async () => {
    const provider = await ScriptedProvider.start(json(200, { input_tokens: 7 }));
    const gateway = await startGateway({ preset: openaiCompatible({ endpoints: { messages: provider.base } }) });
    try {
      const headers = { 'anthropic-beta': 'new-tools', 'anthropic-version': '2026-10-21', cookie: 'c' };
      await (await gateway.post({ ...BODY, client_metadata: { secret: 1 } }, headers, '/v1/messages/count_tokens')).text();
      const [asked] = provider.asked;
      expect(asked?.headers).to.include({ 'anthropic-beta': 'new-tools', 'anthropic-version': '2026-10-21' });
      expect(asked?.headers).not.to.have.property('cookie');
      expect(asked?.body).to.deep.equal(BODY);
    } finally {
      await gateway.stop();
      await provider.stop();
    }
  });
});
