import { expect } from 'chai';
import type { Preset } from '../../core/contract/preset.ts';
import { openaiCompatible } from '../../presets/openai-compatible.ts';
import { json, ScriptedProvider } from '../support/scripted-provider.ts';
import { startGateway, type TestGateway } from '../support/test-gateway.ts';

const MESSAGES = '/v1/messages/count_tokens';
const RESPONSES = '/v1/responses/input_tokens';
const TEXT = 'Count how many tokens these words have, please.';
const asked = { model: 'm', messages: [{ role: 'user', content: TEXT }] };

describe('counting tokens', () => {
  let provider: ScriptedProvider;
  let gateway: TestGateway;
  const start = async (endpoints: Preset['endpoints'], ...replies: Parameters<ScriptedProvider['script']>) => {
    provider.script(...replies);
    gateway = await startGateway({ preset: openaiCompatible({ endpoints }) });
  };
  const count = async (path: string, body: object) => {
    const response = await gateway.post(body, {}, path);
    const told = (await response.json()) as { object?: string; input_tokens: number };
    return { status: response.status, estimated: response.headers.get('x-tapline-usage'), body: told };
  };
  beforeEach(async () => {
    provider = await ScriptedProvider.start();
  });
  afterEach(async () => {
    await gateway.stop();
    await provider.stop();
  });

  it('estimates, and says so, where the provider has no count', async () => {
    await start({ chat: provider.base });
    const messages = await count(MESSAGES, asked);
    expect(messages).to.deep.include({ status: 200, estimated: 'estimated' });
    expect(messages.body.input_tokens).to.be.within(8, 25);
    expect(await count(RESPONSES, { model: 'm', input: TEXT })).to.deep.equal({
      status: 200,
      estimated: 'estimated',
      body: { object: 'response.input_tokens', input_tokens: messages.body.input_tokens },
    });
    expect(provider.asked).to.deep.equal([]);
  });

  it('estimates a long text from a part of it, within a few percent, and lets others run meanwhile', async () => {
    await start({ chat: provider.base });
    const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
    const part = 'The quick brown fox jumps over the lazy dog; 漢字とかな交じり文。 const x = foo(1, 2);\n';
    const tokens = countTokens(part.repeat(20)) * 200;
    let turns = 0;
    const other = setInterval(() => turns++, 0);
    const input = part.repeat(4_000);
    const { body } = await count(RESPONSES, { model: 'm', input });
    clearInterval(other);
    expect(body.input_tokens).to.be.within(tokens * 0.95, tokens * 1.05);
    expect(turns).to.be.greaterThan(5);
  });

  it('counts tools and images, and an image not by its bytes', async () => {
    await start({ chat: provider.base });
    const plain = (await count(MESSAGES, asked)).body.input_tokens;
    const tools = [
      { name: 'read_file', description: 'Reads a file from the disk.', input_schema: { type: 'object', properties: { path: { type: 'string' } } } },
    ];
    expect((await count(MESSAGES, { ...asked, tools })).body.input_tokens).to.be.greaterThan(plain + 10);
    const source = { type: 'base64', media_type: 'image/png', data: `iVBORw0KGgo${'A'.repeat(200_000)}` };
    const content = [
      { type: 'text', text: TEXT },
      { type: 'image', source },
    ];
    expect((await count(MESSAGES, { model: 'm', messages: [{ role: 'user', content }] })).body.input_tokens).to.be.within(plain + 1000, plain + 3000);
  });

  it("asks the provider in its own dialect, and gives the provider's number", async () => {
    await start({ messages: provider.base }, json(200, { input_tokens: 4711 }));
    expect(await count(`${MESSAGES}?beta=true`, { ...asked, max_tokens: 5, stream: true })).to.deep.equal({
      status: 200,
      estimated: null,
      body: { input_tokens: 4711 },
    });
    expect(provider.asked[0]).to.deep.include({ path: '/v1/messages/count_tokens', body: asked });
  });

  it("asks a provider of another dialect in that provider's words", async () => {
    await start({ responses: provider.base }, json(200, { object: 'response.input_tokens', input_tokens: 42 }));
    expect(await count(MESSAGES, asked)).to.deep.include({ estimated: null, body: { input_tokens: 42 } });
    expect(provider.asked[0]?.path).to.equal('/v1/responses/input_tokens');
    expect(JSON.stringify(provider.asked[0]?.body)).to.include(TEXT);
  });

  it('estimates where the provider knows no such place, and does not ask again', async () => {
    await start({ messages: provider.base }, json(404, {}));
    for (const _ of [1, 2]) expect((await count(MESSAGES, asked)).estimated).to.equal('estimated');
    expect(provider.asked).to.have.length(1);
  });

  it('estimates where the provider fails for once', async () => {
    await start({ messages: provider.base }, json(529, { error: { type: 'overloaded_error' } }), json(200, { input_tokens: 3 }));
    expect((await count(MESSAGES, asked)).estimated).to.equal('estimated');
    expect((await count(MESSAGES, asked)).body).to.deep.equal({ input_tokens: 3 });
  });

  it('answers 25 at once', async () => {
    await start({ chat: provider.base });
    const answers = await Promise.all(Array.from({ length: 25 }, () => count(MESSAGES, asked)));
    expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([200]));
  });

  it('is not held up by a text without spaces', async () => {
    await start({ chat: provider.base });
    const long = await count(MESSAGES, { model: 'm', messages: [{ role: 'user', content: 'a'.repeat(3_000_000) }] });
    expect(long.body.input_tokens).to.be.within(300_000, 800_000);
  });

  it('checks the body as the door itself does', async () => {
    await start({ chat: provider.base });
    expect(await count(MESSAGES, { model: 'm', messages: 7 })).to.deep.include({ status: 400 });
    expect(await count(RESPONSES, { model: 'm', input: [{ type: 'message', role: 'nobody', content: '' }] })).to.deep.include({ status: 400 });
  });
});
