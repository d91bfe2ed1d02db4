import http from 'node:http';
import { expect } from 'chai';
import type { Store } from '../../core/contract/store.ts';
import { CountingClock } from '../../core/fixtures/counting-clock.ts';
import { MemoryStore } from '../../core/store/memory-store.ts';
import { answers, type ChatAnswer } from '../support/chat-answer.ts';
import { expectValidEvents } from '../support/open-responses.ts';
import { type Pair, startPair } from '../support/pair.ts';
import { says, sse } from '../support/scripted-provider.ts';
import { eventsOf } from '../support/test-gateway.ts';

// biome-ignore lint/suspicious/noExplicitAny: bodies and events of any shape
type Any = any;
interface Got {
  status: number;
  headers: http.IncomingHttpHeaders;
  text: string;
  body: Any;
}

const KEY = 'client-key-0123456789';
const FINDS = { type: 'function', name: 'find', description: 'Finds.', parameters: { type: 'object', properties: {} }, strict: false };
const PATCHES = { type: 'custom', name: 'patch' };
const CITATION = { type: 'url_citation', url_citation: { start_index: 0, end_index: 5, url: 'https://example.org/', title: 'An example' } };
const UNKNOWN = 'resp_9999';

/** Answers that are kept; `known`: whether the Open Responses document knows what is in them. */
const ANSWERS: { it: string; request?: object; answer: ChatAnswer; known?: false }[] = [
  { it: 'a text', answer: { content: 'Hello "world"\n\n\u{1f600}' } },
  { it: 'an empty answer', answer: {} },
  { it: 'a text that turns into a refusal', answer: { content: 'Well,', refusal: 'no.' } },
  { it: 'reasoning and a text', answer: { reasoning: 'Let me\n\nsee.', content: 'Four.' } },
  {
    it: 'reasoning that is to be sent back',
    request: { include: ['reasoning.encrypted_content'], reasoning: { effort: 'high', summary: 'auto' } },
    answer: { reasoning: 'Let me see.', content: 'Four.' },
  },
  { it: 'annotations', answer: { content: 'There it is.', annotations: [CITATION, CITATION] } },
  {
    it: 'calls after some words',
    request: { tools: [FINDS], instructions: 'Be brief.', metadata: { ticket: '42' }, temperature: 0.5 },
    answer: {
      reasoning: 'Both.',
      content: 'I look.',
      calls: [
        { id: 'call_a', name: 'find', arguments: '{"what":"it"}' },
        { id: 'call_b', name: 'find', arguments: '{}' },
      ],
      finish: 'tool_calls',
    },
  },
  {
    it: 'a call of a custom tool',
    request: { tools: [PATCHES] },
    answer: { calls: [{ id: 'call_a', name: 'patch', arguments: '{"input":"one\\ntwo"}' }], finish: 'tool_calls' },
    known: false,
  },
];

/** Bad requests of a response that is there. */
const BAD: [path: string, param: string | null][] = [
  ...['0', '101', '-1', '1.5', 'x', '', '1e1', '0x10', '%201', '1&limit=2'].map((limit): [string, string] => [`/input_items?limit=${limit}`, 'limit']),
  ...['up', 'ASC', '', 'asc&order=desc'].map((order): [string, string] => [`/input_items?order=${order}`, 'order']),
  ...['msg_nowhere', '', '__proto__', '..%2F..', 'x'.repeat(10_000)].map((id): [string, string] => [`/input_items?after=${id}`, 'after']),
  ['/input_items?before=msg_nowhere', 'before'],
  ['/input_items?after=a&after=b', 'after'],
  ...['1', 'yes', '', 'true&stream=true'].map((stream): [string, string] => [`?stream=${stream}`, 'stream']),
  ...['-1', 'x', '', '1.5', '1e3', '9'.repeat(400)].map((number): [string, string] => [`?stream=true&starting_after=${number}`, 'starting_after']),
];

const HOSTILE = [
  '../',
  '..',
  '..%2F..%2Fetc%2Fpasswd',
  '__proto__',
  'constructor',
  '%00',
  '%ff',
  '%0d%0ax-evil:1',
  'resp_*',
  '%F0%9F%98%80',
  'x'.repeat(10_000),
];

describe('responses that are kept', () => {
  let pair: Pair;
  before(async () => {
    pair = await startPair();
  });
  after(() => pair.stop());

  async function answered(request: object = {}, answer: ChatAnswer = { content: 'Yes.' }): Promise<Any> {
    const { final } = await pair.ask([answers(answer)], { stream: false, ...request });
    return final;
  }

  for (const { it: name, request, answer, known = true } of ANSWERS) {
    it(`are told again, whole: ${name}`, async () => {
      const { final } = await pair.ask([answers(answer)], request);
      for (const base of ['/v1', '']) {
        const { status, headers, body } = await get(pair, `${base}/responses/${final.id}?include[]=reasoning.encrypted_content&stream=false`);
        expect(status).to.equal(200);
        expect(headers['content-type']).to.match(/^application\/json/);
        expect(body).to.deep.equal(final);
      }
    });

    it(`are told again as the stream that they were: ${name}`, async () => {
      const { events, final } = await pair.ask([answers(answer)], request);
      const { status, headers, text } = await get(pair, `/v1/responses/${final.id}?stream=true`);
      expect(status).to.equal(200);
      expect(headers['content-type']).to.match(/^text\/event-stream/);
      const again = eventsOf(text);
      if (known) expectValidEvents(again);
      expect(again.map((event) => event.sequence_number)).to.deep.equal(again.map((_, at) => at));
      expect(itemByItem(again)).to.deep.equal(itemByItem(events));
    });
  }

  it('are told again with how likely their tokens were', async () => {
    const likely = { token: 'Hi', logprob: -0.5, bytes: [72, 105], top_logprobs: [] };
    const choice = { delta: { content: 'Hi' }, logprobs: { content: [likely] }, finish_reason: 'stop' };
    const { events, final } = await pair.ask([sse({ choices: [choice] })], { top_logprobs: 1 });
    const again = eventsOf((await get(pair, `/v1/responses/${final.id}?stream=true`)).text);
    expect(again.find(({ type }) => type === 'response.output_text.delta').logprobs).to.deep.equal([likely]);
    expect(itemByItem(again)).to.deep.equal(itemByItem(events));
  });

  it('go on behind the event a client has seen, and always tell the end', async () => {
    const { id } = await answered({}, { reasoning: 'Hm.', content: 'Yes.' });
    const { text: whole } = await get(pair, `/v1/responses/${id}?stream=true`);
    const blocks = whole.split(/(?<=\n\n)/);
    for (const [at] of blocks.entries()) {
      const { text } = await get(pair, `/v1/responses/${id}?stream=true&starting_after=${at}`);
      expect(text).to.equal(blocks.slice(Math.min(at + 1, blocks.length - 1)).join(''));
    }
    const { text } = await get(pair, `/v1/responses/${id}?stream=true&starting_after=100000`);
    expect(eventsOf(text).map(({ type }) => type)).to.deep.equal(['response.completed']);
  });

  it('are forgotten on demand, once', async () => {
    const { id } = await answered();
    const { status, body } = await ask(pair, 'DELETE', `/v1/responses/${id}`);
    expect({ status, body }).to.deep.equal({ status: 200, body: { id, object: 'response', deleted: true } });
    for (const method of ['GET', 'DELETE']) expectError(await ask(pair, method, `/v1/responses/${id}`), 404, 'not_found');
    const { status: next, final } = await pair.ask([says('never')], { previous_response_id: id });
    expect([next, final.error.code]).to.deep.equal([400, 'previous_response_not_found']);
  });

  it('do not take later ones of their conversation with them', async () => {
    const first = await answered({ input: 'one' });
    const second = await answered({ input: 'two', previous_response_id: first.id });
    await ask(pair, 'DELETE', `/v1/responses/${first.id}`);
    await answered({ input: 'three', previous_response_id: second.id });
    expect(pair.provider.asked.at(-1)?.body.messages.map(({ content }: Any) => content)).to.deep.equal(['one', 'Yes.', 'two', 'Yes.', 'three']);
  });

  it('cannot be cancelled, with or without a body', async () => {
    const { id } = await answered();
    expectError(await ask(pair, 'POST', `/v1/responses/${id}/cancel`), 400, 'invalid_value');
    expectError(await ask(pair, 'POST', `/responses/${id}/cancel`, { 'content-type': 'application/json' }, '{'), 400, 'invalid_value');
    expect((await get(pair, `/v1/responses/${id}`)).status).to.equal(200);
  });

  it('are not kept when the client says so', async () => {
    const { id } = await answered({ store: false });
    for (const [method, path] of routesOf(id)) expectError(await ask(pair, method, path), 404, 'not_found');
  });

  for (const id of [UNKNOWN, ...HOSTILE]) {
    it(`are not found under ${id.slice(0, 40)}, and the gateway goes on`, async () => {
      for (const [method, path] of routesOf(id)) {
        const got = await ask(pair, method, path);
        expectError(got, 404, 'not_found');
        expect(got.text.length).to.be.below(id.length + 300);
      }
      expect((await answered()).status).to.equal('completed');
    });
  }

  it('are looked for only under ids that can be', async () => {
    const { id } = await answered();
    const looked: string[] = [];
    const store = pair.gateway.gateway.store;
    const { get: find, delete: remove } = store;
    store.get = (collection, key) => {
      looked.push(key);
      return find.call(store, collection, key);
    };
    store.delete = (collection, key) => {
      looked.push(key);
      return remove.call(store, collection, key);
    };
    try {
      for (const hostile of ['..%2F..%2Fetc%2Fpasswd', '%00', 'a.b', 'x'.repeat(129)])
        for (const [method, path] of routesOf(hostile)) await ask(pair, method, path);
      expect(looked).to.deep.equal([]);
      await get(pair, `/v1/responses/${id}`);
      expect(looked).to.have.length(1);
    } finally {
      store.get = find;
      store.delete = remove;
    }
  });

  for (const [path, param] of BAD) {
    it(`refuse ${path.slice(0, 50)} and name ${param}; a good request after it is answered`, async () => {
      const { id } = await answered();
      expectError(await get(pair, `/v1/responses/${id}${path}`), 400, 'invalid_value', param);
      for (const good of ['', '?stream=true', '/input_items?limit=100&order=asc']) expect((await get(pair, `/v1/responses/${id}${good}`)).status).to.equal(200);
    });
  }

  it('take no other method, and have nothing below', async () => {
    const { id } = await answered();
    for (const [method, path, taken] of [
      ['PUT', '', 'DELETE'],
      ['POST', '', 'GET'],
      ['POST', '/input_items', 'GET'],
      ['DELETE', '/cancel', 'POST'],
    ] as const) {
      const got = await ask(pair, method, `/v1/responses/${id}${path}`);
      expectError(got, 405, 'method_not_allowed');
      expect(got.body.error.message).to.contain(taken);
    }
    expectError(await get(pair, `/v1/responses/${id}/nothing`), 404, 'not_found');
    expectError(await get(pair, `/v1/responses/${id}/input_items/msg_1`), 404, 'not_found');
  });

  it('have no conversations', async () => {
    for (const conversation of ['conv_1', { id: 'conv_1' }]) {
      const { status, final } = await pair.ask([says('never')], { conversation });
      expect([status, final.error.code, final.error.param]).to.deep.equal([400, 'unsupported_parameter', 'conversation']);
      expect(final.error.message).to.contain('previous_response_id');
    }
  });

  describe('list what led to them', () => {
    const message = (text: string) => ({ role: 'user', content: text });
    const texts = ({ data }: Any) => data.map(({ content }: Any) => content[0].text);
    const numbers = (from: number, to: number) => Array.from({ length: Math.abs(to - from) + 1 }, (_, at) => String(from < to ? from + at : from - at));
    let list: (query?: string) => Promise<Any>;
    before(async () => {
      const { id } = await answered({ input: numbers(1, 45).map(message) });
      list = async (query = '') => (await get(pair, `/v1/responses/${id}/input_items${query}`)).body;
    });

    it('newest first, twenty at a time', async () => {
      const first = await list();
      expect(first.object).to.equal('list');
      expect(texts(first)).to.deep.equal(numbers(45, 26));
      expect([first.first_id, first.last_id, first.has_more]).to.deep.equal([first.data[0].id, first.data[19].id, true]);
      const second = await list(`?after=${first.last_id}`);
      expect(texts(second)).to.deep.equal(numbers(25, 6));
      const third = await list(`?after=${second.last_id}`);
      expect([texts(third), third.has_more]).to.deep.equal([numbers(5, 1), false]);
      expect(await list(`?after=${third.last_id}`)).to.deep.equal({ object: 'list', data: [], first_id: null, last_id: null, has_more: false });
    });

    it('oldest first, as many as are wanted, on and back', async () => {
      const all = await list('?order=asc&limit=100');
      expect([texts(all), all.has_more]).to.deep.equal([numbers(1, 45), false]);
      const ids = all.data.map(({ id }: Any) => id);
      expect(new Set(ids).size).to.equal(45);
      const back = await list(`?order=asc&limit=2&before=${ids[10]}`);
      expect([texts(back), back.has_more]).to.deep.equal([['9', '10'], true]);
      const between = await list(`?order=asc&after=${ids[3]}&before=${ids[6]}`);
      expect([texts(between), between.has_more]).to.deep.equal([['5', '6'], false]);
      expect((await list('?order=asc&limit=1&include[]=message.input_image.image_url')).data).to.deep.equal([all.data[0]]);
    });

    it('as what it is, each under an id of its own', async () => {
      const call = { type: 'function_call', id: 'fc_own', call_id: 'call_a', name: 'find', arguments: '{}' };
      const input = [message('find it'), call, { type: 'function_call_output', call_id: 'call_a', output: 'it' }, { ...message('and?'), id: 'fc_own' }];
      const { id } = await answered({ input, tools: [FINDS] });
      const { data } = (await get(pair, `/v1/responses/${id}/input_items?order=asc`)).body;
      expect(data.map(({ type }: Any) => type)).to.deep.equal(['message', 'function_call', 'function_call_output', 'message']);
      expect(data[1]).to.deep.equal(call);
      expect(data[0].content).to.deep.equal([{ type: 'input_text', text: 'find it' }]);
      expect(new Set(data.map(({ id }: Any) => id)).size).to.equal(4);
      expect((await get(pair, `/v1/responses/${id}/input_items?order=asc`)).body.data).to.deep.equal(data);
    });

    it('under ids that are texts, whatever the client gave', async () => {
      const { id } = await answered({ input: [7, { length: 5 }, '', null].map((odd) => ({ ...message('hi'), id: odd })) });
      const { data } = (await get(pair, `/v1/responses/${id}/input_items?limit=2&order=asc`)).body;
      expect(data.map(({ id }: Any) => typeof id)).to.deep.equal(['string', 'string']);
      expect((await get(pair, `/v1/responses/${id}/input_items?order=asc&after=${data[1].id}`)).body.data).to.have.length(2);
    });

    it('with the turns before, and what was answered in them', async () => {
      const first = await answered({ input: 'one' });
      const { id } = await answered({ input: 'two', previous_response_id: first.id });
      const { data } = (await get(pair, `/v1/responses/${id}/input_items?order=asc`)).body;
      expect(texts({ data })).to.deep.equal(['one', 'Yes.', 'two']);
      expect(data[1]).to.deep.equal(first.output[0]);
    });

    it('as nothing where there was nothing but instructions', async () => {
      const { id } = await answered({ input: [], instructions: 'Say yes.' });
      expect((await get(pair, `/v1/responses/${id}/input_items`)).body).to.deep.include({ data: [], has_more: false });
    });
  });
});

describe('responses that are kept, and who may see them', () => {
  it('are the own of the key that asked for them', async () => {
    const pair = await startPair();
    try {
      const mine = { authorization: 'Bearer one' };
      const { final } = await pair.ask([says('Mine.')], {}, mine);
      for (const headers of [{ authorization: 'Bearer two' }, { 'x-api-key': 'two' }, {}]) {
        for (const [method, path] of routesOf(final.id)) expectError(await ask(pair, method, path, headers), 404, 'not_found');
      }
      for (const headers of [mine, { 'x-api-key': 'one' }, { 'api-key': 'one' }]) {
        expect((await get(pair, `/v1/responses/${final.id}`, headers)).body).to.deep.equal(final);
      }
    } finally {
      await pair.stop();
    }
  });

  it('are behind every guard', async () => {
    const pair = await startPair({ access: { apiKey: KEY } });
    try {
      const shown = { authorization: `Bearer ${KEY}` };
      const { final } = await pair.ask([says('Yes.')], {}, shown);
      for (const [method, path] of routesOf(final.id)) {
        expectError(await ask(pair, method, path), 401, 'invalid_api_key');
        expectError(await ask(pair, method, path, { authorization: 'Bearer wrong' }), 401, 'invalid_api_key');
        expectError(await ask(pair, method, path, { ...shown, host: 'evil.example' }), 403, 'forbidden_host');
        expectError(await ask(pair, method, path, { ...shown, origin: 'https://evil.example' }), 403, 'forbidden_origin');
      }
      const allowed = { ...shown, origin: 'http://localhost:3000' };
      const { status, headers } = await get(pair, `/v1/responses/${final.id}?stream=true`, allowed);
      expect([status, headers['access-control-allow-origin']]).to.deep.equal([200, 'http://localhost:3000']);
    } finally {
      await pair.stop();
    }
  });

  it('tell their failures through the plugins, like any exchange', async () => {
    const loud = { name: 'loud', error: (error: Any) => error.with({ message: error.message.toUpperCase() }) };
    const pair = await startPair({ plugins: [loud] });
    try {
      const got = await get(pair, `/v1/responses/${UNKNOWN}`);
      expect(got.body.error.message).to.contain('RESP_9999');
      expect(got.headers['x-request-id']).to.match(/^req_/);
    } finally {
      await pair.stop();
    }
  });

  it('are not there where the history is disabled, which is said', async () => {
    const pair = await startPair({ disable: ['history'] });
    try {
      for (const [method, path] of routesOf('resp_1')) {
        const got = await ask(pair, method, path);
        expectError(got, 404, 'not_found');
        expect(got.body.error.message).to.contain('"history" is disabled');
      }
      expect((await pair.ask([says('Yes.')])).status).to.equal(200);
    } finally {
      await pair.stop();
    }
  });
});

describe('responses that are kept badly', () => {
  const item = { type: 'message', role: 'assistant', content: [] };
  const response = { id: 'resp_1', created_at: 1, status: 'completed', model: 'm', tools: [], output: [item] };
  for (const [name, record] of [
    ['nothing but a number', 7],
    ['no input', { response }],
    ['an output that is a word', { input: [], response: { ...response, output: 'x' } }],
    ['an item that is cut', { input: [], response: { ...response, output: [{ type: 'message', role: 'assistant' }] } }],
    ['another id', { input: [], response: { ...response, id: 'resp_2' } }],
    ['no time', { input: [], response: { ...response, created_at: null } }],
  ] as const) {
    it(`are not told: ${name}; the log says so`, async () => {
      const pair = await startPair({ store: storeThatFinds(record) });
      try {
        for (const path of ['', '?stream=true', '/input_items']) expectError(await get(pair, `/v1/responses/resp_1${path}`), 404, 'not_found');
        expect(pair.gateway.lines.some(({ msg, response: named }) => String(msg).includes('damaged') && named === 'resp_1')).to.equal(true);
      } finally {
        await pair.stop();
      }
    });
  }

  it('make an error of a store that fails, in OpenAI\u2019s shape, and the gateway goes on', async () => {
    const store = storeThatFinds(undefined);
    store.get = () => Promise.reject(new Error('the disk is gone'));
    store.delete = store.get as Store['delete'];
    const pair = await startPair({ store });
    try {
      for (const [method, path] of routesOf('resp_1')) expectError(await ask(pair, method, path), 500, 'internal');
      expect((await pair.ask([says('Yes.')])).status).to.equal(200);
    } finally {
      await pair.stop();
    }
  });
});

function storeThatFinds(record: unknown): Store {
  const store: Store = new MemoryStore(new CountingClock());
  store.get = async () => record;
  return store;
}

function routesOf(id: string): [method: string, path: string][] {
  return [
    ['GET', `/v1/responses/${id}`],
    ['GET', `/v1/responses/${id}?stream=true&starting_after=3`],
    ['GET', `/v1/responses/${id}/input_items`],
    ['POST', `/v1/responses/${id}/cancel`],
    ['DELETE', `/v1/responses/${id}`],
  ];
}

function expectError({ status, body, text }: Got, wanted: number, code: string, param: string | null = null): void {
  expect(status, text.slice(0, 300)).to.equal(wanted);
  expect(Object.keys(body)).to.deep.equal(['error']);
  expect(Object.keys(body.error)).to.have.members(['message', 'type', 'param', 'code']);
  expect([body.error.code, body.error.param]).to.deep.equal([code, param]);
  expect(body.error.message).to.be.a('string').and.not.equal('');
}

function get(pair: Pair, path: string, headers: Record<string, string> = {}): Promise<Got> {
  return ask(pair, 'GET', path, headers);
}

/** Paths as they are: `fetch` would tidy them up. */
function ask({ gateway }: Pair, method: string, path: string, headers: Record<string, string> = {}, sent = ''): Promise<Got> {
  const { hostname, port } = new URL(gateway.url);
  return new Promise((resolve, reject) => {
    const request = http.request({ hostname, port, method, path, headers }, async (response) => {
      let text = '';
      for await (const part of response.setEncoding('utf8')) text += part;
      const isJson = response.headers['content-type']?.startsWith('application/json');
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined });
    });
    request.on('error', reject).end(sent);
  });
}

/** What a stream told, one item after the other, whatever pieces its texts came in. */
function itemByItem(events: Any[]): unknown[] {
  const told = new Map<string, Any>();
  for (const { sequence_number: _, ...event } of events) {
    const part = event.content_index ?? event.summary_index ?? '';
    const name = `${event.output_index ?? ''}/${part}/${event.type}${event.annotation_index ?? ''}`;
    const before = told.get(name);
    told.set(name, before && 'delta' in event ? { ...before, delta: before.delta + event.delta } : event);
  }
  const place = ({ type, output_index: index }: Any): number => index ?? (type === 'response.completed' ? events.length : -1);
  return [...told.values()].sort((one, other) => place(one) - place(other));
}
