import { expect } from 'chai';
import { type Pair, startPair, until } from '../support/pair.ts';
import { json, type Reply, sse } from '../support/scripted-provider.ts';

const KEY = 'sk-of-the-provider-0123456789';
const chunk = (content: string) => `data: {"model":"m ${KEY}","choices":[{"index":0,"delta":{"content":"${content}"},"finish_reason":null}]}\n\n`;
const END = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
const WHOLE = { model: KEY, choices: [{ index: 0, message: { role: 'assistant', content: `Bearer ${KEY}` }, finish_reason: 'stop' }] };
const LIMITS = { 'x-ratelimit-remaining-requests': KEY, 'request-id': `req ${KEY}` };
const BODY = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };

describe("the provider's key, echoed by the provider", () => {
  let pair: Pair;
  const start = async (options: Parameters<typeof startPair>[0] = {}) => {
    pair = await startPair({ ...options, preset: { apiKey: KEY, retries: { times: 0 }, ...options.preset } });
  };
  const ask = async (reply: Reply, { stream = true, headers = {}, path = '/v1/chat/completions' } = {}) => {
    pair.provider.script(reply);
    const body = path.includes('chat') ? { ...BODY, stream } : { model: 'm', input: 'hi', stream };
    const response = await pair.gateway.post(body, headers, path);
    const shown = [...response.headers].join('\n') + (await response.text());
    await until(() => pair.gateway.lines.some(({ msg }) => msg === 'exchange'));
    return shown + JSON.stringify(pair.gateway.lines);
  };
  afterEach(() => pair.stop());

  for (const path of ['/v1/chat/completions', '/v1/responses'])
    it(`is redacted in each place of an answer of ${path}`, async () => {
      await start();
      const replies: Record<string, Reply> = {
        'a stream': sse(`${chunk('a')}${chunk(KEY)}${END}`),
        'a whole answer': json(200, WHOLE, LIMITS),
        'an error': json(400, { error: { message: `no luck with ${KEY}` } }, LIMITS),
        'an error in a stream': sse(`${chunk('a')}data: {"error":{"message":"no luck with ${KEY}"}}\n\n`),
      };
      for (const [place, reply] of Object.entries(replies)) {
        const shown = await ask(reply, { path, stream: place.includes('stream') });
        expect(shown, place).not.to.include(KEY);
        expect(shown, place).to.include(place.includes('error') ? 'no luck with' : '[redacted]');
      }
    });

  it('is redacted wherever the reads cut it, and no other byte changes', async () => {
    await start();
    const broken = Buffer.concat([
      Buffer.from('data: {"choices":[{"index":0,"delta":{"content":"'),
      Buffer.from([0xff, 0xc3]),
      Buffer.from(` ${KEY} 😀"}}]}\n\n`),
    ]);
    const bytes = Buffer.concat([broken, Buffer.from(END)]);
    const expected = Buffer.from(bytes.toString('latin1').replace(KEY, '[redacted]'), 'latin1').toString();
    for (const at of [60, 65, 75, 90]) {
      pair.provider.script(async (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(bytes.subarray(0, at));
        await new Promise<void>((resolve) => void setImmediate(resolve));
        response.end(bytes.subarray(at));
      });
      expect(await (await pair.gateway.post({ ...BODY, stream: true }, {}, '/v1/chat/completions')).text()).to.equal(expected);
    }
  });

  it('passes where it is no secret: a word for a server without keys, and the key that the client itself sent', async () => {
    await start({ preset: { apiKey: 'no-key-required-here' } });
    expect(await ask(sse(chunk('no-key-required-here') + END))).to.include('"content":"no-key-required-here"');
    await pair.stop();
    await start();
    expect(await ask(sse(chunk('x') + END), { headers: { 'x-api-key': KEY } })).to.include(`"m ${KEY}"`);
  });
});
