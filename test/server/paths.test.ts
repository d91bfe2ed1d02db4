import { expect } from 'chai';
import { anthropic } from '../../presets/anthropic.ts';
import { openaiCompatible } from '../../presets/openai-compatible.ts';
import { json, ScriptedProvider, says } from '../support/scripted-provider.ts';
import { startGateway, type TestGateway } from '../support/test-gateway.ts';

const KEY = 'a-key-for-clients-0123';
const BODIES = {
  '/chat/completions': { model: 'm', messages: [{ role: 'user', content: 'hi' }] },
  '/responses': { model: 'm', input: 'hi' },
  '/messages': { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] },
};
type Path = keyof typeof BODIES;
const PATHS = Object.keys(BODIES) as Path[];
const ANTHROPIC = { 'anthropic-version': '2023-06-01' };

describe('a path', () => {
  let provider: ScriptedProvider;
  let gateway: TestGateway;
  const get = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
    const response = await fetch(gateway.url + path, { method, headers });
    // biome-ignore lint/suspicious/noExplicitAny: bodies of any shape
    return { status: response.status, body: (await response.json()) as any };
  };
  beforeEach(async () => {
    provider = await ScriptedProvider.start(says('ok'));
    const models = [{ id: 'm', contextWindow: 1_000, maxOutput: 100, efforts: ['low'] }, { id: 'org/m' }];
    gateway = await startGateway({ preset: openaiCompatible({ endpoints: { chat: provider.base }, models }) });
  });
  afterEach(async () => {
    await gateway.stop();
    await provider.stop();
  });

  for (const path of PATHS) {
    for (const pasted of [`/v1/v1${path}`, `/v1/v1/v1${path}`, `//v1${path}`, `/v1/${path}`, `/v1${path}/`, `/v1//v1${path}//`, `${path}/`]) {
      it(`${pasted} is answered like /v1${path}`, async () => {
        const response = await gateway.post({ ...BODIES[path], stream: true }, {}, pasted);
        await response.text();
        expect(response.status).to.equal(200);
        expect(provider.asked).to.have.length(1);
      });
    }

    for (const wrong of [`/anthropic/v1${path}`, `/openai${path}`, `/v1${path}/v1${path}`]) {
      it(`${wrong} is refused with the base that is right`, async () => {
        const response = await gateway.post(BODIES[path], {}, wrong);
        const { error } = (await response.json()) as { error: { message: string; type: string } };
        const base = path === '/messages' ? `${gateway.url}, without /v1` : `${gateway.url}/v1`;
        expect([response.status, error.type]).to.deep.equal([404, path === '/messages' ? 'not_found_error' : 'invalid_request_error']);
        expect(error.message).to.include(`this gateway serves /v1${path}: set the client's base URL to ${base}`);
      });
    }
  }

  it('that is like none is refused with the bases there are', async () => {
    expect((await get('/v2/unknown')).body.error.message).to.include(`${gateway.url}/v1 for OpenAI's APIs`);
    expect((await get('/v2/unknown', ANTHROPIC)).body.error.type).to.equal('not_found_error');
  });

  it("of Gemini's API is refused in Google's shape, and says what is served", async () => {
    for (const path of ['/v1beta/models/x:generateContent', '/v1beta/models/x:streamGenerateContent?alt=sse', '/v1/models/x:countTokens', '/v1beta/models']) {
      const { status, body } = await get(path, {}, path === '/v1beta/models' ? 'GET' : 'POST');
      expect([status, body.error.code, body.error.status]).to.deep.equal([404, 404, 'NOT_FOUND']);
      expect(body.error.message).to.include("does not serve Gemini's API; it serves /v1/chat/completions, /v1/responses and /v1/messages");
    }
  });

  it('of one model gives its facts, whatever its id holds', async () => {
    const { body } = await get('/v1/models/m');
    expect(body).to.include({
      id: 'm',
      object: 'model',
      type: 'model',
      context_window: 1_000,
      max_input_tokens: 1_000,
      max_output_tokens: 100,
      max_tokens: 100,
    });
    for (const id of ['org/m', 'org%2Fm', 'openai-compatible/m', 'openai-compatible%2Forg%2Fm'])
      expect((await get(`/v1/models/${id}`)).body.id).to.equal(decodeURIComponent(id));
    expect((await get('/models/m')).status).to.equal(200);
  });

  it("of one model that is not offered is refused in the client's dialect", async () => {
    const plain = await get('/v1/models/none');
    expect([plain.status, plain.body.error.code]).to.deep.equal([404, 'model_not_found']);
    const messages = await get('/v1/models/none', ANTHROPIC);
    expect([messages.status, messages.body.type, messages.body.error.type]).to.deep.equal([404, 'error', 'not_found_error']);
  });

  it('with a body of no type is told what to send', async () => {
    const response = await fetch(`${gateway.url}/v1/responses`, { method: 'POST', body: new Uint8Array(Buffer.from('{}')) });
    expect([response.status, await response.text()].join(' ')).to.match(
      /^415 .*there is none; send the body as JSON with the header content-type: application/,
    );
  });

  it('of a model needs the key of the gateway', async () => {
    await gateway.stop();
    gateway = await startGateway({ preset: anthropic({ endpoints: { messages: provider.base } }), access: { apiKey: KEY } });
    provider.script(json(200, { data: [{ id: 'claude-x', max_input_tokens: 5 }] }));
    expect((await get('/v1/models/claude-x')).status).to.equal(401);
    expect((await get('/v1beta/models', {})).body.error.status).to.equal('UNAUTHENTICATED');
    expect((await get('/v1/models/claude-x', { 'x-api-key': KEY })).body.id).to.equal('claude-x');
  });
});
