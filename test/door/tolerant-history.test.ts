import { expect } from 'chai';
import { type Pair, startPair } from '../support/pair.ts';
import { says } from '../support/scripted-provider.ts';

/** What a client keeps in its history, the messages of the Chat provider, and the reasons of the warnings. */
type Row = [what: string, path: string, body: object, sent: unknown[], reasons: string[]];

const USER = { role: 'user', content: 'hi' };
const call = (id: string, json = '{}', name = 'f') => ({
  role: 'assistant',
  content: null,
  tool_calls: [{ id, type: 'function', function: { name, arguments: json } }],
});
const output = (id: string, content: string) => ({ role: 'tool', tool_call_id: id, content });
const CALL = { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' };
const CIPHER = `gAAAAAB${'x_-'.repeat(20)}==`;
const LINK = 'https://example.org/a.png';

const responses = (what: string, input: object[], sent: unknown[], ...reasons: string[]): Row => [what, '/v1/responses', { input }, sent, reasons];
const chat = (what: string, messages: object[], sent: unknown[], ...reasons: string[]): Row => [what, '/v1/chat/completions', { messages }, sent, reasons];
const claude = (what: string, messages: object[], sent: unknown[], ...reasons: string[]): Row => [what, '/v1/messages', { messages }, sent, reasons];
const user = (...content: object[]) => ({ role: 'user', content });
const heard = (...texts: string[]) => ({ role: 'user', content: texts.join('\n') });

const ROWS: Row[] = [
  responses(
    'parts of unknown types in a message',
    [user({ type: 'input_text', text: 'hi' }, { type: 'input_audio', input_audio: {} }, { type: 'x y', a: 1 })],
    [heard('hi', '[input audio omitted: this gateway cannot pass it on]', '[part omitted: this gateway cannot pass it on]')],
    'input_audio_is_not_known',
    'part_is_not_known',
  ),
  responses(
    'a part of an unknown type among the words of the assistant',
    [
      USER,
      {
        role: 'assistant',
        content: [
          { type: 'output_text', text: 'yes' },
          { type: 'future', z: 3 },
        ],
      },
      USER,
    ],
    [USER, { role: 'assistant', content: 'yes' }, USER],
    'future_is_not_known',
  ),
  responses(
    'a plain text in a place for ciphers, and a cipher',
    [
      CALL,
      {
        type: 'function_call_output',
        call_id: 'c',
        output: [
          { type: 'encrypted_content', encrypted_content: '完成' },
          { type: 'encrypted_content', encrypted_content: CIPHER },
        ],
      },
    ],
    [call('c'), output('c', '完成\n[encrypted content omitted: this gateway cannot pass it on]')],
    'encrypted_content_is_not_known',
  ),
  responses(
    'an image with a detail nobody knows, and one in the form of Chat',
    [user({ type: 'input_image', image_url: LINK, detail: 'ultra' }, { type: 'image_url', image_url: { url: LINK, detail: 'low' } })],
    [user({ type: 'image_url', image_url: { url: LINK } }, { type: 'image_url', image_url: { url: LINK, detail: 'low' } })],
    'unknown',
  ),
  responses(
    'searches without ids',
    [
      USER,
      { type: 'tool_search_call', call_id: null, execution: 'server', arguments: { query: 'mail' } },
      { type: 'tool_search_output', call_id: null, execution: 'server', tools: [] },
      { type: 'tool_search_call', arguments: '{"query":"files"}' },
      { type: 'tool_search_output', tools: [] },
    ],
    [
      USER,
      call('search_0', '{"query":"mail"}', 'tool_search'),
      output('search_0', 'Found, and offered from now on: nothing'),
      call('search_1', '{"query":"files"}', 'tool_search'),
      output('search_1', 'Found, and offered from now on: nothing'),
    ],
  ),
  responses('reasoning without a summary', [USER, { type: 'reasoning', encrypted_content: 'x' }, { type: 'reasoning', summary: null }, USER], [USER, USER]),
  responses(
    'numbers as ids, and arguments as an object',
    [
      { ...CALL, call_id: 7, arguments: { a: 1 } },
      { type: 'function_call_output', call_id: 7, output: 'x' },
    ],
    [call('7', '{"a":1}'), output('7', 'x')],
  ),
  responses(
    'an item of an unknown type',
    [USER, { type: 'future_item', content: [{ type: 'future' }] }],
    [USER],
    'future_is_not_known',
    'future_item_not_in_chat',
  ),
  chat(
    'audio, spoken and heard',
    [user({ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }), { role: 'assistant', content: null, audio: { id: 'audio_1' } }, USER],
    [heard('[audio omitted: it is not translated]'), USER],
    'audio_is_not_translated',
    'audio_is_not_translated',
  ),
  chat(
    'an image with a detail nobody knows',
    [user({ type: 'image_url', image_url: { url: LINK, detail: 'ultra' } })],
    [user({ type: 'image_url', image_url: { url: LINK } })],
    'unknown_detail',
  ),
  chat(
    'the path of an image',
    [user({ type: 'image_url', image_url: 'file:///etc/passwd' })],
    [heard('[image omitted: its data is not an image]')],
    'the_data_is_no_image',
  ),
  chat(
    'numbers as ids, and arguments as an object',
    [USER, { role: 'assistant', tool_calls: [{ id: 7, function: { name: 'f', arguments: { a: 1 } } }] }, { role: 'tool', tool_call_id: 7, content: 'x' }],
    [USER, call('7', '{"a":1}'), output('7', 'x')],
  ),
  claude(
    'files that only Anthropic keeps, and sources nobody knows',
    [
      user(
        { type: 'image', source: { type: 'file', file_id: 'f' } },
        { type: 'document', source: { type: 'future', x: 1 } },
        { type: 'container_upload', file_id: 'f' },
      ),
    ],
    [heard(...['image', 'document', 'file'].map((kind) => `[${kind} omitted: it is kept by another provider]`))],
    'kept_by_another_provider',
    'kept_by_another_provider',
    'kept_by_another_provider',
  ),
  claude(
    'an image of a kind nobody knows',
    [user({ type: 'image', source: { type: 'base64', media_type: 'image/jxl', data: 'AAAA' } })],
    [user({ type: 'image_url', image_url: { url: 'data:image/jxl;base64,AAAA' } })],
  ),
  claude(
    'numbers as ids, and an input as JSON text',
    [
      USER,
      { role: 'assistant', content: [{ type: 'tool_use', id: 7, name: 'f', input: '{"a":1}' }] },
      user({ type: 'tool_result', tool_use_id: 7, content: 'x' }),
    ],
    [USER, call('7', '{"a":1}'), output('7', 'x')],
  ),
];

describe('a history with something that the gateway cannot pass on', () => {
  let pair: Pair;
  before(async () => {
    pair = await startPair({ lane: 'translated' });
    pair.provider.script(says('hello'));
  });
  after(() => pair.stop());

  for (const [what, path, body, sent, reasons] of ROWS) {
    it(`is no reason to refuse a turn: ${what} (${path})`, async () => {
      const response = await pair.gateway.post({ model: 'm', max_tokens: 99, ...body }, {}, path);
      expect(response.status, await response.text()).to.equal(200);
      expect(pair.provider.asked.at(-1)?.body.messages).to.deep.equal(sent);
      const warned = response.headers.get('x-tapline-warnings') ?? '';
      expect([...warned.matchAll(/reason=([\w-]+)/g)].map(([, reason]) => reason)).to.deep.equal(reasons);
    });
  }
});
