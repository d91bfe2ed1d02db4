import { expect } from 'chai';
import { openaiCompatible } from '../../presets/openai-compatible.ts';
import { json, ScriptedProvider, sse } from '../support/scripted-provider.ts';
import { startGateway, type TestGateway } from '../support/test-gateway.ts';

const KEY = 'sk-of-the-provider-0123456789';
const MINE = { authorization: 'Bearer key-of-the-first-client' };
const OTHERS = { authorization: 'Bearer key-of-another-client' };
const created = (id: string) => `event: response.created\ndata: {"type":"response.created","response":{"id":"${id}","object":"response","output":[]}}\n\n`;
const completed = (id: string) =>
  `event: response.completed\ndata: {"type":"response.completed","response":{"id":"${id}","status":"completed","output":[]}}\n\n`;

describe("a response at a native provider, which knows only the gateway's key", () => {
  let provider: ScriptedProvider;
  let gateway: TestGateway;
  let seen: string[];
  const start = async (access: { apiKey?: string } = {}) => {
    seen = [];
    provider = await ScriptedProvider.start((response, asked) => {
      seen.push(`${asked.method} ${asked.path}`);
      if (asked.method !== 'POST') return json(200, { id: 'resp', said: `with ${KEY}` })(response, asked);
      if (asked.body?.stream) return sse(created('resp_streamed') + completed('resp_streamed'))(response, asked);
      return json(200, { id: 'resp_whole', object: 'response', status: 'completed', output: [] })(response, asked);
    });
    gateway = await startGateway({ preset: openaiCompatible({ endpoints: { responses: provider.base }, apiKey: KEY }), access });
  };
  const create = async (headers: Record<string, string>, body: object = {}) => {
    const response = await gateway.post({ model: 'm', input: 'hi', ...body }, headers);
    return `${response.status} ${await response.text()}`;
  };
  const reach = async (method: string, id: string, headers: Record<string, string>, under = '') => {
    const response = await fetch(`${gateway.url}/v1/responses/${id}${under}`, { method, headers });
    return `${response.status} ${await response.text()}`;
  };
  afterEach(async () => {
    await gateway.stop();
    await provider.stop();
  });

  for (const [id, body] of [
    ['resp_whole', {}],
    ['resp_streamed', { stream: true }],
  ] as const)
    it(`is reached by the client that created it, and by no other: ${id}`, async () => {
      await start();
      await create(MINE, body);
      const before = seen.length;
      for (const headers of [OTHERS, {}]) {
        for (const [method, under] of [
          ['GET', ''],
          ['GET', '/input_items'],
          ['DELETE', ''],
          ['POST', '/cancel'],
        ] as const)
          expect(await reach(method, id, headers, under), `${method} ${under}`).to.match(/^404 .*for this key/);
        expect(await create(headers, { previous_response_id: id })).to.match(/^400 .*previous_response_not_found/);
      }
      expect(seen.slice(before), 'the provider was not asked').to.deep.equal([]);
      expect(await reach('GET', id, MINE)).to.match(/^200 /);
      expect(await reach('DELETE', id, MINE)).to.match(/^200 /);
      expect(await create(MINE, { previous_response_id: id })).to.match(/^200 /);
    });

  it('that never passed here is reached on a gateway without keys only: it may be from before the last start', async () => {
    await start();
    expect(await reach('GET', 'resp_older', MINE)).to.match(/^200 /);
    expect(await create(MINE, { previous_response_id: 'resp_older' })).to.match(/^200 /);
    await gateway.stop();
    await provider.stop();
    await start({ apiKey: 'key-of-the-gateway-01234' });
    const keyed = { 'x-api-key': 'key-of-the-gateway-01234' };
    expect(await reach('GET', 'resp_older', keyed)).to.match(/^404 /);
    expect(seen).to.deep.equal([]);
    await create(keyed);
    expect(await reach('GET', 'resp_whole', keyed)).to.match(/^200 /);
    expect(await reach('GET', 'resp_whole', { ...keyed, ...OTHERS }), 'another name beside the same key').to.match(/^404 /);
  });

  it("is passed on without the provider's key", async () => {
    await start();
    expect(await reach('GET', 'resp_older', {})).to.equal('200 {"id":"resp","said":"with [redacted]"}');
  });
});
