import { expect } from 'chai';
import { clientPath, markOrigin } from '../../core/dialects/origin.ts';
import { type Pair, startPair } from '../support/pair.ts';
import { says } from '../support/scripted-provider.ts';

const PATHS = { responses: '/v1/responses', chat: '/v1/chat/completions', messages: '/v1/messages' };
const NO_PNG = 'data:image/png;base64,aGVsbG8=';
const TEXT = { type: 'text', text: 'look' };
const user = (...content: object[]) => ({ role: 'user', content });
const image = (url: string) => ({ type: 'image_url', image_url: { url } });
const block = (data: string) => ({ type: 'image', source: { type: 'base64', media_type: 'image/png', data } });
const call = (name: string) => ({ role: 'assistant', content: 'a call', tool_calls: [{ id: 'c', type: 'function', function: { name, arguments: '{}' } }] });
const shown = { type: 'input_image', image_url: NO_PNG };
const search = { type: 'web_search' };
const FUNCTION = { type: 'function', function: { name: 'f', parameters: { type: 'object' } } };
const sealed = { type: 'compaction', encrypted_content: 'not ours' };

interface Case {
  it: string;
  door: keyof typeof PATHS;
  body: object;
  param: string;
}

/** What is reported, and that a strict request is refused in the same words. */
const WARNED: Case[] = [
  { it: 'an image', door: 'responses', body: { input: [user(shown)] }, param: 'input[0].content[0].image_url' },
  { it: 'an image', door: 'chat', body: { messages: [user(TEXT, image(NO_PNG))] }, param: 'messages[0].content[1].image_url.url' },
  {
    it: 'an image behind system messages, a blank message and a call',
    door: 'chat',
    body: {
      messages: [
        { role: 'system', content: 'be brief' },
        user({ ...TEXT, text: ' ' }),
        call('f'),
        { role: 'tool', tool_call_id: 'c', content: '' },
        user(image(NO_PNG)),
      ],
    },
    param: 'messages[4].content[0].image_url.url',
  },
  {
    it: 'an image without an object',
    door: 'chat',
    body: { messages: [user({ type: 'image_url', image_url: NO_PNG })] },
    param: 'messages[0].content[0].image_url',
  },
  {
    it: "an image in a free-form tool's output",
    door: 'chat',
    body: {
      messages: [
        user(TEXT),
        { role: 'assistant', tool_calls: [{ id: 'c', type: 'custom', custom: { name: 'f', input: '' } }] },
        { role: 'tool', tool_call_id: 'c', content: [TEXT, image(NO_PNG)] },
      ],
    },
    param: 'messages[2].content[1].image_url.url',
  },
  { it: 'an image', door: 'messages', body: { messages: [user(TEXT, block('aGVsbG8='))] }, param: 'messages.0.content.1.source.data' },
  {
    it: 'an image in a result',
    door: 'messages',
    body: {
      messages: [
        user(TEXT),
        { role: 'assistant', content: [{ type: 'tool_use', id: 'c', name: 'f', input: {} }] },
        user({ type: 'tool_result', tool_use_id: 'c', content: [TEXT, block('aGVsbG8=')] }),
      ],
    },
    param: 'messages.2.content.0.content.1.source.data',
  },
  { it: 'a hosted tool', door: 'responses', body: { input: 'hi', tools: [search] }, param: 'tools[0]' },
  { it: 'a hosted tool', door: 'chat', body: { messages: [user(TEXT)], tools: [FUNCTION, search] }, param: 'tools[1]' },
  { it: 'a search', door: 'chat', body: { messages: [user(TEXT)], tools: [FUNCTION], web_search_options: {} }, param: 'web_search_options' },
  {
    it: 'a hosted tool behind a deferred one',
    door: 'messages',
    body: {
      messages: [user(TEXT)],
      tools: [
        { name: 'later', input_schema: { type: 'object' }, defer_loading: true },
        { name: 'f', input_schema: { type: 'object' } },
        { type: 'web_search_20250305', name: 'web_search' },
      ],
    },
    param: 'tools.2',
  },
  { it: 'verbosity', door: 'chat', body: { messages: [user(TEXT)], text_verbosity: 'low' }, param: 'text_verbosity' },
];

describe('the path of what is refused or lost', () => {
  let pair: Pair;
  before(async () => {
    pair = await startPair({ lane: 'translated' });
  });
  after(() => pair.stop());
  const ask = (door: Case['door'], body: object, headers = {}) => pair.gateway.post({ model: 'm', max_tokens: 9, ...body }, headers, PATHS[door]);

  for (const { it: what, door, body, param } of WARNED)
    it(`${door}: ${what} is told as ${param}`, async () => {
      pair.provider.script(says('hello'));
      const answer = await ask(door, body);
      await answer.text();
      expect(answer.headers.get('x-tapline-warnings')).to.match(/^dropped=([^;]+);/);
      expect(answer.headers.get('x-tapline-warnings')?.slice(8).split(';')[0]).to.equal(param);
      const { error } = (await (await ask(door, body, { 'x-tapline-strict': '1' })).json()) as { error: { message: string } };
      expect(error.message.split(': ')[0]).to.equal(param);
    });

  describe('as a request knows it', () => {
    const request = {
      input: [
        markOrigin({ type: 'message', content: [{ type: 'input_text' }] }, 'messages.0', { content: 'content' }),
        { ...sealed },
        { ...markOrigin({ ...sealed }, 'messages.4') },
      ],
      tools: [{ name: 'added' }],
    };
    const known = markOrigin({ ...request }, '', { input: 'messages', 'reasoning.effort': 'output_config.effort', instructions: 'system' });

    for (const [path, told] of [
      ['input[0]', 'messages.0'],
      ['input[0].content[0].text', 'messages.0.content'],
      ['input[0].constructor', 'messages.0'],
      ['input[1].encrypted_content', 'messages'],
      ['input[2].encrypted_content', 'messages.4'],
      ['input[7]', 'messages'],
      ['tools[0].name', 'tools'],
      ['tools.strict', 'tools.strict'],
      ['instructions', 'system'],
      ['reasoning.effort', 'output_config.effort'],
      ['reasoning', 'reasoning'],
      ['__proto__', '__proto__'],
      ['toString.length', 'toString.length'],
      ['', ''],
    ] as const)
      it(`"${path}" is "${told}"`, () => expect(clientPath(known, path)).to.equal(told));

    it('is left as it is where no door noted anything', () => expect(clientPath({ ...request, input: [] }, 'input[3].x')).to.equal('input[3].x'));
  });
});
