import { expect } from 'chai';
import fc from 'fast-check';
import type { Item, StreamEvent } from '../../core/contract/canonical.ts';
import { GatewayError } from '../../core/contract/errors.ts';
import { messagesFrontDoor } from '../../core/dialects/messages/door/front-door.ts';
import { openaiCompatible } from '../../presets/openai-compatible.ts';
import { added, delta, done } from '../support/item-events.ts';
import { Following, startPair } from '../support/pair.ts';
import { json, ScriptedProvider, says, sse } from '../support/scripted-provider.ts';
import { testExchange } from '../support/test-exchange.ts';
import { eventsOf, startGateway } from '../support/test-gateway.ts';

// biome-ignore lint/suspicious/noExplicitAny: events of any shape
type Loose = any;
type Channel = Extract<StreamEvent, { type: 'item.delta' }>['channel'];

const THINKING = { thinking: { type: 'adaptive' } };
const OMITTED = { thinking: { type: 'adaptive', display: 'omitted' } };
const USAGE = { input_tokens: 20, cached_tokens: 5, output_tokens: 7, reasoning_tokens: 3 };
const TOLD_USAGE = {
  input_tokens: 15,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 5,
  output_tokens: 7,
  output_tokens_details: { thinking_tokens: 3 },
};
const COMPLETED: StreamEvent = { type: 'end', status: 'completed', usage: USAGE };

const message = (text: string): Item => ({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] });
const refusal = (text: string): Item => ({ type: 'message', role: 'assistant', content: [{ type: 'refusal', refusal: text }] });
const call = (call_id: string, args: string, name = 'add'): Item => ({ type: 'function_call', call_id, name, arguments: args });
const thought = (text: string, encrypted_content?: string): Item => ({
  type: 'reasoning',
  summary: text ? [{ type: 'summary_text', text }] : [],
  ...(encrypted_content && { encrypted_content }),
});

describe('the Messages answer', () => {
  it('names its events, tells numbers from the start, and the right ones at the end', () => {
    const { text, events } = play(
      [{ type: 'start' }, added(0, message('')), delta(0, 'text', 'Hé'), delta(0, 'text', '"!"'), done(0, message('Hé"!"')), COMPLETED],
      {},
      { 'content-length': '401' },
    );
    expect(text.match(/^event: .*$/gm)).to.deep.equal(events.map(({ type }) => `event: ${type}`));
    expect(events).to.deep.equal([
      {
        type: 'message_start',
        message: {
          id: 'msg_0002',
          type: 'message',
          role: 'assistant',
          model: 'm',
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: { input_tokens: 101, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 0 },
        },
      },
      { type: 'ping' },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hé' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: '"!"' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: TOLD_USAGE },
      { type: 'message_stop' },
    ]);
  });

  it('hands arguments over in deltas alone, one call after the other', () => {
    const { events, whole } = play([
      added(0, message('')),
      delta(0, 'text', 'I add.'),
      done(0, message('I add.')),
      added(1, call('a', '')),
      added(2, call('b', '')),
      delta(1, 'arguments', '{"n":'),
      delta(2, 'arguments', '{"n":2'),
      delta(1, 'arguments', '1}'),
      delta(2, 'arguments', '}'),
      done(1, call('a', '{"n":1}')),
      added(3, call('c', '')),
      done(2, call('b', '{"n":2}')),
      done(3, call('c', '')),
      COMPLETED,
    ]);
    expect(blocksOf(events)).to.deep.equal([
      { type: 'text', text: 'I add.' },
      { type: 'tool_use', id: 'a', name: 'add', input: { n: 1 } },
      { type: 'tool_use', id: 'b', name: 'add', input: { n: 2 } },
      { type: 'tool_use', id: 'c', name: 'add', input: {} },
    ]);
    expect(whole.content).to.deep.equal(blocksOf(events));
    expect(whole.stop_reason).to.equal('tool_use');
    expect(
      events
        .filter(({ type }) => type === 'content_block_start')
        .every(({ content_block: { type, input } }) => type === 'text' || Object.keys(input).length === 0),
    ).to.equal(true);
  });

  it('tells what did not stream at the end of its item', () => {
    const { events } = play(
      [done(0, thought('Hm.', 's')), done(1, message('Hi')), added(2, call('a', '')), delta(2, 'arguments', '{"n"'), done(2, call('a', '{"n":1}')), COMPLETED],
      THINKING,
    );
    expect(blocksOf(events)).to.deep.equal([
      { type: 'thinking', thinking: 'Hm.', signature: 's' },
      { type: 'text', text: 'Hi' },
      { type: 'tool_use', id: 'a', name: 'add', input: { n: 1 } },
    ]);
  });

  it('hands arguments that are no JSON object over as they are', () => {
    for (const broken of ['{"n":', '[1]', '"x"', 'null']) {
      expect(play([done(0, call('a', broken)), COMPLETED]).whole.content[0].input, broken).to.deep.equal({ _raw: broken });
    }
    const cut: StreamEvent[] = [
      done(0, { ...call('a', ''), status: 'incomplete' } as Item),
      { type: 'end', status: 'incomplete', reason: 'max_output_tokens' },
    ];
    expect(play(cut).events.some(({ delta: told }) => told?.type === 'input_json_delta')).to.equal(false);
  });

  it('makes calls of other kinds calls of a tool', () => {
    const { events, whole } = play([
      added(0, { type: 'custom_tool_call', call_id: 'a', name: 'patch', input: '' }),
      delta(0, 'input', 'x "y"'),
      done(0, { type: 'custom_tool_call', call_id: 'a', name: 'patch', input: 'x "y"' }),
      done(1, { type: 'local_shell_call', call_id: 'b', action: { type: 'exec', command: ['ls'] } }),
      COMPLETED,
    ]);
    expect(blocksOf(events)).to.deep.equal(whole.content);
    expect(whole.content).to.deep.equal([
      { type: 'tool_use', id: 'a', name: 'patch', input: { input: 'x "y"' } },
      { type: 'tool_use', id: 'b', name: 'local_shell', input: { type: 'exec', command: ['ls'] } },
    ]);
  });

  const thinking: StreamEvent[] = [
    added(0, thought('')),
    delta(0, 'summary', 'One.', 0),
    delta(0, 'summary', 'Two.', 1),
    done(0, {
      type: 'reasoning',
      summary: [
        { type: 'summary_text', text: 'One.' },
        { type: 'summary_text', text: 'Two.' },
      ],
      encrypted_content: 'tl1.abc',
    }),
    done(1, message('Hi')),
    COMPLETED,
  ];
  for (const [what, body, blocks] of [
    ['thinking with its signature', THINKING, [{ type: 'thinking', thinking: 'One.\n\nTwo.', signature: 'tl1.abc' }]],
    ['the signature alone where the text is to be omitted', OMITTED, [{ type: 'thinking', thinking: '', signature: 'tl1.abc' }]],
    ['no thinking to a client that did not ask for any', {}, []],
    ['no thinking where it is switched off', { thinking: { type: 'disabled' } }, []],
  ] as const) {
    it(`tells ${what}`, () => {
      const { events, whole } = play(thinking, body);
      expect(blocksOf(events)).to.deep.equal([...blocks, { type: 'text', text: 'Hi' }]);
      expect(whole.content).to.deep.equal(blocksOf(events));
    });
  }

  it('redacts thinking that has no text, and leaves out what has neither text nor signature', () => {
    const { events, whole } = play([done(0, thought('', 'tl1.x')), done(1, thought('')), done(2, message('Hi')), COMPLETED], THINKING);
    expect(whole.content).to.deep.equal([
      { type: 'redacted_thinking', data: 'tl1.x' },
      { type: 'text', text: 'Hi' },
    ]);
    expect(blocksOf(events)).to.deep.equal(whole.content);
    expect(play([added(0, thought('')), delta(0, 'summary', 'Hm.'), done(0, thought('Hm.')), COMPLETED], THINKING).whole.content).to.deep.equal([
      { type: 'thinking', thinking: 'Hm.', signature: '' },
    ]);
  });

  it('cites what a search found', () => {
    const note = { type: 'url_citation', start_index: 0, end_index: 2, url: 'https://x.test', title: 'X' };
    const citation = { type: 'web_search_result_location', url: 'https://x.test', title: 'X', cited_text: '', encrypted_index: '' };
    const { events, whole } = play([
      added(0, message('')),
      delta(0, 'text', 'Hi'),
      { type: 'item.note', key: 0, note },
      { type: 'item.note', key: 0, note: { type: 'file_path' } },
      done(0, message('Hi')),
      COMPLETED,
    ]);
    expect(events.flatMap(({ delta: told }) => told?.citation ?? [])).to.deep.equal([citation]);
    expect(whole.content).to.deep.equal([{ type: 'text', text: 'Hi', citations: [citation] }]);
  });

  for (const [what, events, stop] of [
    [
      'the limit',
      [done(0, message('a')), { type: 'end', status: 'incomplete', reason: 'max_output_tokens' }],
      { stop_reason: 'max_tokens', stop_sequence: null },
    ],
    ['a stop sequence', [done(0, message('a')), { type: 'end', status: 'completed', stop: 'END' }], { stop_reason: 'stop_sequence', stop_sequence: 'END' }],
    [
      'a call before a stop sequence',
      [done(0, call('a', '{}')), { type: 'end', status: 'completed', stop: 'END' }],
      { stop_reason: 'tool_use', stop_sequence: null },
    ],
    [
      'a content filter',
      [{ type: 'end', status: 'incomplete', reason: 'content_filter' }],
      { stop_reason: 'refusal', stop_sequence: null, stop_details: { type: 'refusal', category: null, explanation: null } },
    ],
    [
      'a refusal',
      [added(0, refusal('')), delta(0, 'refusal', 'No'), delta(0, 'refusal', '.'), done(0, refusal('No.')), COMPLETED],
      { stop_reason: 'refusal', stop_sequence: null, stop_details: { type: 'refusal', category: null, explanation: 'No.' } },
    ],
    ['nothing at all', [COMPLETED], { stop_reason: 'end_turn', stop_sequence: null }],
  ] as [string, StreamEvent[], object][]) {
    it(`tells why it ended: ${what}`, () => {
      const played = play(events);
      expect(played.events.find(({ type }) => type === 'message_delta').delta).to.deep.equal(stop);
      expect(played.whole).to.deep.include(stop);
    });
  }

  it('ends a failed answer with an error, and leaves open what was open', () => {
    const { events } = play([
      added(0, message('')),
      delta(0, 'text', 'Ha'),
      { type: 'end', status: 'failed', error: new GatewayError('upstream_overloaded', 'too busy') },
    ]);
    expect(events.slice(-2)).to.deep.equal([
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Ha' } },
      { type: 'error', error: { type: 'overloaded_error', message: 'too busy' } },
    ]);
  });

  it('is legal, and says all, whatever comes in whatever order', () => {
    fc.assert(
      fc.property(fc.array(arbitraryItem(), { maxLength: 5 }), fc.infiniteStream(fc.nat(1000)), (items, numbers) => {
        const next = (below: number) => (numbers.next().value as number) % below;
        const { events, whole } = play(
          interleave(
            items.map((item, key) => eventsFor(item, key, next)),
            next,
          ),
          THINKING,
        );
        expect(checkLegal(events)).to.equal('');
        expect(blocksOf(events)).to.deep.equal(whole.content);
        expect(whole.content.filter(({ type }: Loose) => type === 'tool_use')).to.have.length(items.filter(({ type }) => type === 'function_call').length);
      }),
    );
  });
});

describe('the Messages front door over HTTP', () => {
  it('answers at its paths, streaming or not, and names the request', async () => {
    const pair = await startPair({ lane: 'translated' });
    try {
      pair.provider.script(says('hello'));
      for (const path of ['/v1/messages', '/messages', '/v1/messages?beta=true']) {
        const response = await pair.gateway.post({ model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] }, { 'x-request-id': 'r-1' }, path);
        expect([response.status, response.headers.get('request-id')]).to.deep.equal([200, 'r-1']);
        expect(((await response.json()) as Loose).content).to.deep.equal([{ type: 'text', text: 'hello' }]);
      }
      expect(pair.provider.asked.map(({ body }) => body.max_tokens)).to.deep.equal([9, 9, 9]);
    } finally {
      await pair.stop();
    }
  });

  it('keeps a silent stream alive with pings', async () => {
    const pair = await startPair({ lane: 'translated' });
    try {
      const waiting = Promise.withResolvers<void>();
      pair.provider.script(async (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(': so far nothing\n\n');
        await waiting.promise;
        response.end('data: {"choices":[{"delta":{"content":"late"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
      });
      const following = new Following(await pair.gateway.post({ model: 'm', stream: true, messages: [{ role: 'user', content: 'hi' }] }, {}, '/v1/messages'));
      await following.until('event: ping');
      pair.clock.advance(15_000);
      await following.until('event: ping\ndata: {"type":"ping"}\n\nevent: ping\n');
      waiting.resolve();
      expect((await following.end()).at(-1)).to.deep.equal({ type: 'message_stop' });
    } finally {
      await pair.stop();
    }
  });

  it('speaks as Anthropic does where there is no route', async () => {
    const pair = await startPair({ lane: 'translated' });
    try {
      for (const [path, headers, method] of [
        ['/v1/messages/batches', {}, 'POST'],
        ['/v1/complete', { 'anthropic-version': '2023-06-01' }, 'POST'],
        ['/v1/messages', {}, 'GET'],
      ] as const) {
        const response = await fetch(pair.gateway.url + path, { method, headers: { ...headers, 'x-request-id': 'r-1' } });
        const { type, error, request_id } = (await response.json()) as Loose;
        expect([type, error.type, request_id], path).to.deep.equal(['error', method === 'GET' ? 'invalid_request_error' : 'not_found_error', 'r-1']);
      }
      expect((await fetch(`${pair.gateway.url}/api/hello`, { method: 'HEAD' })).status).to.equal(200);
      expect(((await (await fetch(`${pair.gateway.url}/v1/nothing`)).json()) as Loose).error.code).to.equal('not_found');
    } finally {
      await pair.stop();
    }
  });

  for (const [what, refusal, status, type, headers] of [
    ['a refused key', json(401, { error: { message: 'no' } }), 502, 'api_error', {}],
    ['an empty account', json(402, { error: { message: 'no' } }), 402, 'billing_error', { 'x-should-retry': 'false' }],
    ['a plan', json(403, { error: { message: 'no' } }), 403, 'permission_error', {}],
    ['an unknown model', json(404, { error: { message: 'no' } }), 404, 'not_found_error', {}],
    ['a body that is too large', json(413, { error: { message: 'no' } }), 413, 'request_too_large', {}],
    ['throttling', json(429, { error: { message: 'no' } }, { 'retry-after': '7' }), 429, 'rate_limit_error', { 'retry-after': '7' }],
    ['a failure', json(500, { error: { message: 'no' } }), 500, 'api_error', {}],
    ['an overload', json(503, { error: { message: 'no' } }), 529, 'overloaded_error', {}],
    ['a timeout', json(504, { error: { message: 'no' } }), 504, 'timeout_error', {}],
  ] as const) {
    it(`tells ${what} in Anthropic's words`, async () => {
      const pair = await startPair({ lane: 'translated', preset: { retries: { times: 0 } } });
      try {
        pair.provider.script(refusal);
        for (const stream of [true, false]) {
          const response = await pair.gateway.post({ model: 'm', stream, messages: [{ role: 'user', content: 'hi' }] }, {}, '/v1/messages');
          const { error } = (await response.json()) as Loose;
          expect([response.status, error.type]).to.deep.equal([status, type]);
          for (const [name, value] of Object.entries(headers)) expect(response.headers.get(name)).to.equal(value);
        }
      } finally {
        await pair.stop();
      }
    });
  }

  const LIMITS: [message: string, told: string][] = [
    ['The input (233781 tokens) is longer than the context length (202752 tokens).', 'prompt is too long: 233781 tokens > 202752 maximum'],
    [
      "'max_tokens' is too large: 32000. This model's maximum context length is 32768 tokens and your request has 17459 input tokens.",
      'input length and `max_tokens` exceed context limit: 17459 + 32000 > 32768, decrease input length or `max_tokens` and try again',
    ],
  ];
  for (const [message, told] of LIMITS) {
    it(`tells "${message.slice(0, 40)}…" in Anthropic's words, in both lanes and in a stream`, async () => {
      const asked = { model: 'm', max_tokens: 32000, messages: [{ role: 'user', content: 'hi' }] };
      for (const native of [false, true]) {
        const provider = await ScriptedProvider.start();
        const gateway = await startGateway({ preset: openaiCompatible({ endpoints: { [native ? 'messages' : 'chat']: provider.base } }) });
        for (const [reply, stream] of [
          [json(400, { error: { message } }), false],
          [json(400, { error: { message } }), true],
          [sse({ error: { message } }), true],
        ] as const) {
          provider.script(reply);
          expect(await (await gateway.post({ ...asked, stream }, {}, '/v1/messages')).text()).to.include(`"message":"${told}"`);
        }
        await gateway.stop();
        await provider.stop();
      }
    });
  }

  it('tells a prompt that is too long in the words clients look for', async () => {
    const pair = await startPair({ lane: 'translated' });
    try {
      pair.provider.script(json(400, { error: { message: 'too much', code: 'context_length_exceeded' } }));
      const response = await pair.gateway.post({ model: 'm', messages: [{ role: 'user', content: 'hi' }] }, {}, '/v1/messages');
      expect([response.status, ((await response.json()) as Loose).error.message]).to.deep.equal([400, 'prompt is too long: too much']);
    } finally {
      await pair.stop();
    }
  });

  it('lets the provider go when a stop sequence ended the answer', async () => {
    const pair = await startPair({ lane: 'translated' });
    try {
      const left = Promise.withResolvers<void>();
      pair.provider.script((response) => {
        response.on('close', left.resolve);
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: {"choices":[{"delta":{"content":"One END two, and on for ever"}}]}\n\n');
      });
      const body = { model: 'm', stream: true, stop_sequences: ['END'], messages: [{ role: 'user', content: 'hi' }] };
      const events = eventsOf(await (await pair.gateway.post(body, {}, '/v1/messages')).text());
      expect(events.at(-2).delta).to.deep.equal({ stop_reason: 'stop_sequence', stop_sequence: 'END' });
      await left.promise;
      expect(pair.provider.aborted).to.equal(1);
    } finally {
      await pair.stop();
    }
  });

  it('tells a cut in the stream', async () => {
    const pair = await startPair({ lane: 'translated' });
    try {
      pair.provider.script(sse({ choices: [{ delta: { content: 'Ha' } }] }));
      const events = eventsOf(
        await (await pair.gateway.post({ model: 'm', stream: true, messages: [{ role: 'user', content: 'hi' }] }, {}, '/v1/messages')).text(),
      );
      expect(events.at(-1).error.type).to.equal('api_error');
      expect(events.some(({ type }) => type === 'message_stop')).to.equal(false);
    } finally {
      await pair.stop();
    }
  });
});

/** What a client makes of the events: blocks from their deltas. */
function blocksOf(events: readonly Loose[]): Loose[] {
  const blocks: Loose[] = [];
  const json: string[] = [];
  for (const { type, index, content_block: block, delta: told } of events) {
    if (type === 'content_block_start') blocks[index] = structuredClone(block);
    if (type !== 'content_block_delta') continue;
    if (told.type === 'text_delta') blocks[index].text += told.text;
    if (told.type === 'thinking_delta') blocks[index].thinking += told.thinking;
    if (told.type === 'signature_delta') blocks[index].signature = told.signature;
    if (told.type === 'input_json_delta') json[index] = (json[index] ?? '') + told.partial_json;
  }
  for (const [index, told] of json.entries()) if (told) blocks[index].input = JSON.parse(told);
  return blocks;
}

/** Why clients would throw; empty where they would not. */
function checkLegal(events: readonly Loose[]): string {
  if (events[0]?.type !== 'message_start' || events.at(-1)?.type !== 'message_stop' || events.at(-2)?.type !== 'message_delta') return 'a frame is missing';
  let open: number | undefined;
  let next = 0;
  for (const { type, index } of events) {
    if (type === 'content_block_start') {
      if (open !== undefined || index !== next) return `block ${index} begins while ${open} is open`;
      open = next++;
    } else if (type.startsWith('content_block') && index !== open) return `${type} of ${index}, which is not open`;
    if (type === 'content_block_stop') open = undefined;
  }
  return open === undefined ? '' : `${open} stays open`;
}

function play(events: readonly StreamEvent[], body: object = {}, headers: Record<string, string> = {}): { text: string; events: Loose[]; whole: Loose } {
  const exchange = testExchange({ dialect: 'messages', headers });
  const asked = { model: 'm', stream: true, messages: [{ role: 'user', content: 'hi' }], ...body };
  exchange.ask(asked);
  const answer = messagesFrontDoor.answer(messagesFrontDoor.decode(asked, exchange), exchange);
  for (const event of events) answer.write(event);
  const text = answer.take();
  return { text, events: eventsOf(text), whole: answer.body === '' ? undefined : JSON.parse(answer.body) };
}

function arbitraryItem(): fc.Arbitrary<Item> {
  const text = fc.string({ unit: 'grapheme', maxLength: 8 });
  return fc.oneof(
    text.map(message),
    fc.tuple(text, fc.constantFrom('', 'tl1.x')).map(([words, sealed]) => thought(words, sealed)),
    text.map((words) => call('a', JSON.stringify({ words }))),
  );
}

/** Some with deltas, some with half of them, some without. */
function eventsFor(item: Item, key: number, next: (below: number) => number): StreamEvent[] {
  const [channel, words]: [Channel, string] =
    item.type === 'function_call'
      ? ['arguments', item.arguments]
      : item.type === 'reasoning'
        ? ['summary', item.summary.map((part) => ('text' in part ? part.text : '')).join('')]
        : ['text', item.type === 'message' && typeof item.content !== 'string' ? item.content.map((part) => ('text' in part ? part.text : '')).join('') : ''];
  if (next(3) === 0) return [done(key, item)];
  const middle = next(words.length + 1);
  const parts = [words.slice(0, middle), words.slice(middle)];
  const empty: Item = item.type === 'function_call' ? { ...item, arguments: '' } : item.type === 'reasoning' ? thought('') : message('');
  return [added(key, empty), ...parts.map((part) => delta(key, channel, part)), done(key, item)];
}

/** Each item's events in their order, the items' mixed. */
function interleave(lists: StreamEvent[][], next: (below: number) => number): StreamEvent[] {
  const mixed: StreamEvent[] = [];
  for (let left = lists.filter(({ length }) => length > 0); left.length > 0; left = left.filter(({ length }) => length > 0)) {
    const event = left[next(left.length)]?.shift();
    if (event) mixed.push(event);
  }
  return [...mixed, COMPLETED];
}
