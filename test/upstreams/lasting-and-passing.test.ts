import { expect } from 'chai';
import type { Dialect } from '../../core/contract/dialect.ts';
import { openaiCompatible } from '../../presets/openai-compatible.ts';
import { json, type Reply, ScriptedProvider, sse } from '../support/scripted-provider.ts';
import { startGateway, type TestGateway } from '../support/test-gateway.ts';

const PAGE = '<!DOCTYPE html><html><body>Welcome to edge-7</body></html>';
const PATHS = { chat: '/v1/chat/completions', responses: '/v1/responses', messages: '/v1/messages' };
const BODIES = {
  chat: { model: 'm', messages: [{ role: 'user', content: 'hi' }] },
  responses: { model: 'm', input: 'hi' },
  messages: { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] },
};
const DIALECTS: Dialect[] = ['chat', 'responses', 'messages'];
const CLAUDE = { 'user-agent': 'claude-cli/2.1.332 (external, cli)' };
const sends = (status: number, headers: Record<string, string>, body: string): Reply => {
  return (response) => void response.writeHead(status, headers).end(body);
};

describe('a failure', () => {
  let provider: ScriptedProvider;
  let gateway: TestGateway;
  const start = async (endpoint: Dialect) => {
    await gateway?.stop();
    gateway = await startGateway({ preset: openaiCompatible({ endpoints: { [endpoint]: provider.base } }) });
  };
  const ask = async (door: Dialect, reply: Reply, stream: boolean, headers: Record<string, string> = {}) => {
    provider.script(reply);
    const before = provider.asked.length;
    const response = await gateway.post({ ...BODIES[door], stream }, headers, PATHS[door]);
    return { status: response.status, retry: response.headers.get('x-should-retry'), text: await response.text(), asked: provider.asked.length - before };
  };
  beforeEach(async () => {
    provider = await ScriptedProvider.start();
    await start('chat');
  });
  afterEach(async () => {
    await gateway.stop();
    await provider.stop();
  });

  const LASTING: [what: string, reply: Reply, words: RegExp][] = [
    ['a web page', sends(200, { 'content-type': 'text/html; charset=utf-8' }, PAGE), /sent a web page/],
    ['a redirect', sends(302, { location: 'https://sso.edge-7.example/login' }, ''), /answered with a redirect/],
    ['a whole answer that is not JSON', sends(200, { 'content-type': 'application/json' }, 'edge-7 says hello'), /sent something that is not JSON/],
  ];
  for (const endpoint of DIALECTS) {
    for (const [what, reply, words] of LASTING) {
      it(`that lasts, like ${what} from a provider of ${endpoint}, is told once, before the head, and SDKs do not retry it`, async () => {
        await start(endpoint);
        for (const door of DIALECTS) {
          const plain = await ask(door, reply, true);
          expect([plain.status, plain.retry, plain.asked]).to.deep.equal([502, 'false', 1]);
          expect(plain.text).to.match(words).and.include('127.0.0.1').and.not.include('edge-7');
          expect(await ask(door, reply, true, { originator: 'codex_exec' })).to.include(door === 'messages' ? {} : { status: 400 });
        }
        expect(await ask('messages', reply, true, CLAUDE)).to.include({ status: 406, asked: 1 });
        expect(JSON.stringify(gateway.lines)).to.match(what === 'a redirect' ? /redirect/ : /"said":"[^"]*edge-7/);
      });
    }
  }

  const UNLABELLED: [what: string, headers: Record<string, string>][] = [
    ['labelled as a stream', { 'content-type': 'text/event-stream' }],
    ['without a label', {}],
    ['labelled as plain text', { 'content-type': 'text/plain' }],
  ];
  for (const [what, headers] of UNLABELLED) {
    it(`that lasts is known in a web page ${what}, too`, async () => {
      for (const endpoint of DIALECTS) {
        await start(endpoint);
        for (const door of DIALECTS) {
          const { text } = await ask(door, sends(200, headers, `\n${PAGE}`), true, CLAUDE);
          expect(text, `${door} at ${endpoint}`)
            .to.match(/sent a web page/)
            .and.not.include('edge-7');
          if (door === 'messages') expect(text).to.include('invalid_request_error');
        }
      }
    });
  }

  const TEXT: Record<Dialect, object[]> = {
    chat: [{ choices: [{ index: 0, delta: { content: 'Half' } }] }],
    responses: [{ type: 'response.created', response: {} }],
    messages: [{ type: 'message_start', message: { usage: {} } }],
  };
  for (const endpoint of DIALECTS) {
    it(`that passes, like a stream of ${endpoint} that breaks, holds the phrases by which agents try again`, async () => {
      await start(endpoint);
      const half = TEXT[endpoint].map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
      const breaks: Reply = (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(half, () => response.socket?.resetAndDestroy());
      };
      for (const door of DIALECTS)
        for (const reply of [breaks, sse(half)]) expect((await ask(door, reply, true)).text).to.match(/connection lost: the stream was interrupted/);
    });
  }

  it('of an account is not retried by SDKs either', async () => {
    const reply = json(429, { error: { message: 'insufficient balance' } });
    for (const door of DIALECTS) expect(await ask(door, reply, false)).to.include({ retry: 'false', asked: 1 });
  });
});
