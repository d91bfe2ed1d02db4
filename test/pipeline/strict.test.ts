import { expect } from 'chai';
import { type Pair, startPair } from '../support/pair.ts';
import { says } from '../support/scripted-provider.ts';

const LOSSY = { model: 'm', input: 'hi', stream: true, tools: [{ type: 'web_search' }] };

describe('a strict request', () => {
  let pair: Pair;
  afterEach(() => pair.stop());
  const ask = async (body: object, headers: Record<string, string> = {}, path?: string) => {
    pair.provider.script(says('hello'));
    const response = await pair.gateway.post(body, headers, path);
    return { status: response.status, text: await response.text(), warnings: response.headers.get('x-tapline-warnings') };
  };

  it('is refused, naming what would be lost, and nobody is asked', async () => {
    pair = await startPair();
    const { status, text } = await ask(LOSSY, { 'x-tapline-strict': '1' });
    expect(status).to.equal(400);
    expect(JSON.parse(text).error).to.include({ code: 'unsupported_parameter', param: 'tools[0]' });
    expect(pair.provider.asked).to.deep.equal([]);
  });

  it('is answered when nothing is lost', async () => {
    pair = await startPair({ strict: true });
    expect((await ask({ ...LOSSY, tools: [] })).status).to.equal(200);
  });

  it('is every request where the config says so', async () => {
    pair = await startPair({ strict: true });
    expect((await ask(LOSSY)).status).to.equal(400);
  });

  it('is not refused for what the provider does wrong', async () => {
    pair = await startPair({ strict: true });
    pair.provider.script((response) => {
      const call = { id: '', function: { name: 'f', arguments: '{}' } };
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(`data: ${JSON.stringify({ choices: [{ delta: { tool_calls: [call] }, finish_reason: 'tool_calls' }] })}\n\ndata: [DONE]\n\n`);
    });
    const response = await pair.gateway.post({ ...LOSSY, tools: [{ type: 'function', name: 'f', parameters: { type: 'object' } }] });
    expect(await response.text()).to.include('response.completed');
  });

  it('is a wish of this machine only, never of a web page', async () => {
    pair = await startPair();
    const { status } = await ask(LOSSY, { 'x-tapline-strict': '1', origin: 'http://localhost:3000' });
    expect(status).to.equal(403);
  });

  it('is refused on an address that others reach', async () => {
    pair = await startPair({ access: { loopback: false, apiKey: 'key-of-the-clients' } });
    const { status } = await ask(LOSSY, { 'x-tapline-strict': '1', authorization: 'Bearer key-of-the-clients' });
    expect(status).to.equal(403);
  });

  it('otherwise passes with a warning', async () => {
    pair = await startPair();
    const { status, warnings } = await ask(LOSSY);
    expect(status).to.equal(200);
    expect(warnings).to.include('dropped=tools[0]');
  });

  for (const [path, body] of [
    ['/v1/chat/completions', { model: 'm', messages: [{ role: 'user', content: 'hi' }], web_search_options: {} }],
    ['/v1/messages', { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }], tools: [{ type: 'web_search_20250305', name: 'web_search' }] }],
  ] as const)
    it(`is refused in the words of ${path}`, async () => {
      pair = await startPair({ lane: 'translated' });
      const { status, text } = await ask(body, { 'x-tapline-strict': '1' }, path);
      expect(status).to.equal(400);
      expect(JSON.parse(text).error.type).to.equal('invalid_request_error');
    });
});
