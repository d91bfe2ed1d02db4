import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { anthropic } from '../../presets/anthropic.ts';
import { openaiCompatible } from '../../presets/openai-compatible.ts';
import { listen, startGateway, type TestGateway } from '../support/test-gateway.ts';

const KEY = 'key-of-the-provider-0123';
const CLIENT = { authorization: 'Bearer key-of-the-client-0123' };

interface Asked {
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

describe('a route of OpenAI that is no conversation', () => {
  let server: Server;
  let gateway: TestGateway;
  let asked: Asked[];
  let status = 200;
  beforeEach(async () => {
    asked = [];
    status = 200;
    server = await listen(
      createServer(async (request, response) => {
        const parts: Buffer[] = [];
        try {
          for await (const part of request) parts.push(part as Buffer);
        } catch {
          return; // the gateway broke off
        }
        asked.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(parts) });
        if (status !== 200) response.writeHead(status, { 'content-type': 'application/json' }).end('{"error":{"message":"no such voice"}}');
        else response.writeHead(200, { 'content-type': 'audio/mpeg' }).end(Buffer.from([0, 255, 1]));
      }),
    );
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    gateway = await startGateway({
      preset: [anthropic({ endpoints: { messages: base }, apiKey: KEY }), openaiCompatible({ endpoints: { chat: base }, apiKey: KEY, retries: { times: 0 } })],
      bodyLimit: 10_000,
    });
  });
  afterEach(async () => {
    await gateway.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const post = (path: string, body: string | FormData, headers: Record<string, string> = {}) =>
    fetch(gateway.url + path, { method: 'POST', body, headers: { ...CLIENT, ...headers } });
  const JSON_TYPE = { 'content-type': 'application/json' };

  it('is passed on with the key of the gateway, to the preset in front of the model', async () => {
    for (const path of ['/embeddings', '/images/generations', '/audio/speech']) {
      const response = await post(`/v1${path}`, '{"model":"openai-compatible/m","input":"x"}', JSON_TYPE);
      expect([response.status, response.headers.get('content-type')]).to.deep.equal([200, 'audio/mpeg']);
      expect([...new Uint8Array(await response.arrayBuffer())]).to.deep.equal([0, 255, 1]);
      expect([asked.at(-1)?.path, asked.at(-1)?.headers.authorization]).to.deep.equal([`/v1${path}`, `Bearer ${KEY}`]);
      expect(JSON.parse(String(asked.at(-1)?.body))).to.deep.equal({ model: 'm', input: 'x' });
    }
  });

  it('passes a form with a file on as it is, to the first preset that can take it', async () => {
    const form = new FormData();
    form.set('model', 'whisper');
    form.set('file', new Blob([new Uint8Array(3_000)]), 'a.wav');
    expect((await post('/v1/audio/transcriptions', form)).status).to.equal(200);
    expect(asked[0]?.headers['content-type']).to.match(/^multipart\/form-data; boundary=/);
    expect(String(asked[0]?.body)).to.include('filename="a.wav"').and.include('whisper');
    expect(JSON.stringify(asked[0]?.headers)).not.to.include('key-of-the-client');
  });

  it('says so where the provider has none', async () => {
    const response = await post('/v1/embeddings', '{"model":"claude-x","input":"x"}', JSON_TYPE);
    expect([response.status, await response.text()].join(' ')).to.match(/^404 .*the provider of preset \\"anthropic\\" has no such route/);
    expect(asked).to.deep.equal([]);
  });

  it('tells a refusal in the words of the provider', async () => {
    status = 400;
    const response = await post('/v1/audio/speech', '{"model":"openai-compatible/m"}', JSON_TYPE);
    expect([response.status, await response.text()].join(' ')).to.match(/^400 .*no such voice/);
  });

  it('keeps the limit of bodies, and the guards', async () => {
    const form = new FormData();
    form.set('file', new Blob([new Uint8Array(20_000)]), 'a.wav');
    expect((await post('/v1/audio/transcriptions', form)).status).to.equal(413);
    expect((await post('/v1/embeddings', JSON.stringify({ model: 'openai-compatible/m', input: 'x'.repeat(20_000) }), JSON_TYPE)).status).to.equal(413);
    expect((await post('/v1/embeddings', '{}', { ...JSON_TYPE, origin: 'https://evil.example' })).status).to.equal(403);
    expect(asked).to.deep.equal([]);
  });
});
