import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { expect } from 'chai';
import { openaiCompatible } from '../../presets/openai-compatible.ts';
import { ScriptedProvider, says } from '../support/scripted-provider.ts';
import { startGateway, type TestGateway } from '../support/test-gateway.ts';

const LIMIT = 100_000;
const CODERS = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync, zstd: zstdCompressSync };

describe('a compressed body', () => {
  let provider: ScriptedProvider;
  let gateway: TestGateway;
  before(async () => {
    provider = await ScriptedProvider.start(says('hello'));
    gateway = await startGateway({ preset: openaiCompatible({ endpoints: { chat: provider.base } }), bodyLimit: LIMIT });
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
  });

  const send = (encoding: string, body: Buffer) =>
    fetch(`${gateway.url}/v1/responses`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': encoding },
      body: new Uint8Array(body),
    });

  for (const [encoding, compress] of Object.entries(CODERS)) {
    it(`is read as ${encoding}`, async () => {
      const answer = await send(encoding, compress(JSON.stringify({ model: 'm', input: `hi in ${encoding}` })));
      expect(answer.status).to.equal(200);
      expect(provider.asked.at(-1)?.body.messages).to.deep.equal([{ role: 'user', content: `hi in ${encoding}` }]);
    });

    it(`as ${encoding} is measured unpacked`, async () => {
      const bomb = compress(JSON.stringify({ model: 'm', input: 'x'.repeat(LIMIT) }));
      expect(bomb.length).to.be.below(LIMIT / 10);
      const answer = await send(encoding, bomb);
      expect([answer.status, ((await answer.json()) as { error: { code: string; message: string } }).error.code]).to.deep.equal([413, 'request_too_large']);
    });
  }

  it('of very many values is refused: they take far more memory than bytes', async () => {
    const server = await startGateway({ preset: openaiCompatible({ endpoints: { chat: provider.base } }) });
    const body = gzipSync(`{"model":"m","input":"hi","metadata":{"x":[${'0,'.repeat(1_000_000)}0]}}`);
    const send = () =>
      fetch(`${server.url}/v1/responses`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
        body: new Uint8Array(body),
      });
    const answers = await Promise.all([send(), send(), send(), send()]); // two at a time
    await server.stop();
    for (const answer of answers) {
      const { error } = (await answer.json()) as { error: { code: string; message: string } };
      expect([answer.status, error.code, error.message]).to.deep.equal([413, 'request_too_large', 'the body has more than 1000000 values']);
    }
  });

  it('in a form nobody knows is refused, naming those that are read', async () => {
    const answer = await send('compress', Buffer.from('{}'));
    expect([answer.status, ((await answer.json()) as { error: { code: string; message: string } }).error.message]).to.deep.equal([
      415,
      'content-encoding: "compress" is not one of gzip, deflate, br, zstd',
    ]);
  });
});
