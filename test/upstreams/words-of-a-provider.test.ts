import { expect } from 'chai';
import type { Dialect } from '../../core/contract/dialect.ts';
import { openaiCompatible } from '../../presets/openai-compatible.ts';
import { type Pair, startPair } from '../support/pair.ts';
import { json, type Reply, sse } from '../support/scripted-provider.ts';
import { startGateway } from '../support/test-gateway.ts';

const KEY = 'sk-secret-0123456789abcdef';
const WORDS = 'tool schema #3 is not accepted W7';
const TEXT = { choices: [{ index: 0, delta: { content: 'Once' } }] };
const PATHS = { chat: '/v1/chat/completions', responses: '/v1/responses', messages: '/v1/messages' };
const BODIES = {
  chat: { model: 'm', messages: [{ role: 'user', content: 'hi' }] },
  responses: { model: 'm', input: 'hi' },
  messages: { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] },
};
const DIALECTS: Dialect[] = ['chat', 'responses', 'messages'];
const plain = (status: number, body: string, type = 'text/plain; charset=utf-8'): Reply => {
  return (response) => void response.writeHead(status, type ? { 'content-type': type } : {}).end(body);
};

describe("a provider's words about its failure", () => {
  let pair: Pair;
  const ask = async (door: Dialect, reply: Reply, stream: boolean) => {
    pair.provider.script(reply);
    const response = await pair.gateway.post({ ...BODIES[door], stream }, {}, PATHS[door]);
    return { status: response.status, text: await response.text() };
  };
  const saidLines = () => pair.gateway.lines.filter(({ msg }) => msg === 'the provider said');
  beforeEach(async () => {
    pair = await startPair({ preset: { apiKey: KEY, retries: { times: 0 } } });
  });
  afterEach(() => pair.stop());

  const FORMS: [string, Reply][] = [
    ['of a 400', json(400, { error: { message: WORDS } })],
    ['of a 500', json(500, { error: { message: WORDS, type: 'server_error' } })],
    ['of a 500 in plain text', plain(500, WORDS)],
    ['of a 502 without a content type', plain(502, WORDS, '')],
    ['of a 503', json(503, { detail: WORDS })],
    ['of a 500 in a list of errors', json(500, { errors: [{ message: WORDS }] })],
    ["of a 500 in a cloud's spelling", json(500, { Error: { Message: WORDS } })],
    ["of a 500 of an API gateway's", json(500, { fault: { faultstring: WORDS } })],
    ['of a 500 as an event', plain(500, `data: ${JSON.stringify({ error: { message: WORDS } })}\n\n`, 'text/event-stream')],
    ['of a 401', json(401, { error: { message: WORDS } })],
    ['of a refusal inside a 200', json(200, { id: '', choices: null, base_resp: { status_code: 2013, status_msg: WORDS } })],
    ['of another inside a 200', json(200, { error_code: 336003, error_msg: WORDS })],
    ['of an error in place of a stream', sse({ error: WORDS, error_type: 'x' }, 'data: [DONE]\n\n')],
    ['of an error within a stream', sse(TEXT, { error: { message: WORDS } })],
    ['of a refusal by status within a stream', sse({ choices: null, base_resp: { status_code: 1013, status_msg: WORDS } })],
  ];
  for (const [form, reply] of FORMS) {
    it(`${form} reach the client through each door, and the log once`, async () => {
      for (const door of DIALECTS) {
        for (const stream of form.endsWith('stream') && door === 'chat' ? [true] : [true, false]) {
          const before = saidLines().length;
          expect((await ask(door, reply, stream)).text, `${door} ${stream ? 'streaming' : 'whole'}`).to.include(WORDS);
          expect(saidLines().slice(before)).to.have.length(1);
          expect(saidLines().at(-1)).to.include({ level: 40 });
          expect(JSON.stringify(saidLines().at(-1))).to.include(WORDS);
        }
      }
    });
  }

  for (const dialect of ['responses', 'messages'] as const) {
    it(`reach a client of ${dialect} in the native lane, refused or in its stream`, async () => {
      const native = await startGateway({ preset: openaiCompatible({ endpoints: { [dialect]: pair.provider.base }, retries: { times: 0 } }) });
      const begun = dialect === 'messages' ? { type: 'message_start', message: { usage: {} } } : { type: 'response.created', response: {} };
      const failed = { type: 'response.failed', response: { status: 'failed', error: { code: 'server_error', message: WORDS } } };
      const inStream = dialect === 'messages' ? { type: 'error', error: { type: 'api_error', message: WORDS } } : failed;
      const refusal = { base_resp: { status_code: 2013, status_msg: WORDS } };
      for (const reply of [json(500, { error: { message: WORDS } }), sse(begun, inStream), sse({ error: WORDS }), sse(refusal), json(200, refusal)]) {
        pair.provider.script(reply);
        const response = await native.post({ ...BODIES[dialect], stream: true }, {}, PATHS[dialect]);
        expect(await response.text()).to.include(WORDS);
      }
      const lines = native.lines.filter(({ msg }) => msg === 'the provider said');
      await native.stop();
      expect(lines).to.have.length(5);
    });
  }

  it('stay out where they are a web page or of no known form, and a sentence with status and host takes their place', async () => {
    const page = '<!DOCTYPE html><html><h1>Bad gateway at edge-7</h1></html>';
    const rows: [Reply, RegExp][] = [
      [plain(502, page, 'text/html'), /the provider \(127\.0\.0\.1\) answered HTTP 502 with a web page/],
      [plain(500, page), /answered HTTP 500 with a web page/],
      [plain(500, 'one edge-7\ntwo'), /answered HTTP 500 with something that is no message/],
      [plain(500, '<Error><Code>edge-7</Code></Error>', 'application/xml'), /answered HTTP 500 with something that is no message/],
      [json(500, { a: 'edge-7' }), /answered HTTP 500 with no message/],
      [json(500, ''), /answered HTTP 500 with no message/],
      [plain(404, page, 'text/html'), /does not know this model or path \(HTTP 404, with a web page\)/],
    ];
    for (const [reply, sentence] of rows) {
      const { text } = await ask('responses', reply, false);
      expect(text).to.match(sentence).and.not.include('edge-7');
    }
    expect(saidLines().map((line) => String(line['said']).includes('edge-7'))).to.deep.equal([true, true, true, true, true, true]);
  });

  it('are cut to 500 characters for the client and to 2 KB for the log, without the key', async () => {
    const long = `${KEY} ${'very '.repeat(2_000)}`;
    const { text } = await ask('chat', json(400, { error: { message: long } }), false);
    expect(JSON.parse(text).error.message).to.have.length(500);
    expect(String(saidLines()[0]?.['said']).length).to.be.within(1_900, 2_048); // a key that is taken out is longer than its mark
    expect(text + JSON.stringify(pair.gateway.lines)).not.to.include(KEY);
  });
});
