import { expect } from 'chai';
import type { Dialect } from '../../core/contract/dialect.ts';
import { openaiCompatible } from '../../presets/openai-compatible.ts';
import { json, type Reply, ScriptedProvider, sse } from '../support/scripted-provider.ts';
import { startGateway } from '../support/test-gateway.ts';

// biome-ignore lint/suspicious/noExplicitAny: events of any shape
type Any = any;

const PATHS: Record<Dialect, string> = { chat: '/v1/chat/completions', responses: '/v1/responses', messages: '/v1/messages' };
const ASKED: Record<Dialect, object> = {
  chat: { messages: [{ role: 'user', content: 'hi' }] },
  responses: { input: 'hi' },
  messages: { max_tokens: 99, messages: [{ role: 'user', content: 'hi' }] },
};
const DONE = 'data: [DONE]\n\n';
const named = (events: { type: string }[]) => events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
const chat = (delta: object, more: object = {}) => `data: ${JSON.stringify({ id: 'c1', choices: [{ index: 0, delta, finish_reason: null, ...more }] })}\n\n`;

async function ask(dialect: Dialect, reply: Reply, body: object = { stream: true }) {
  const provider = await ScriptedProvider.start(reply);
  const gateway = await startGateway({ preset: openaiCompatible({ endpoints: { [dialect]: provider.base }, retries: { times: 0 } }) });
  try {
    const response = await gateway.post({ model: 'm', ...ASKED[dialect], ...body }, {}, PATHS[dialect]);
    const text = await response.text();
    const line = gateway.lines.findLast(({ msg }) => msg === 'exchange') as Any;
    const blocks = text.replaceAll('\r', '\n').split('\n\n').filter(Boolean);
    const events: Any[] = blocks.map((block) => block.replace(/^(event: .*\n)?data: /, '')).map((data) => (data === '[DONE]' ? data : JSON.parse(data)));
    return { status: response.status, text, line, events, asked: provider.asked[0]?.body };
  } finally {
    await gateway.stop();
    await provider.stop();
  }
}

/** Streams that end well, event by event; the last event is the end itself. */
const GOOD: Record<Dialect, string[]> = {
  chat: [chat({ role: 'assistant', content: '' }), chat({ content: 'Hel' }), chat({ content: 'lo' }), chat({}, { finish_reason: 'stop' }), DONE],
  messages: named([
    { type: 'message_start', message: { id: 'msg_1', type: 'message', role: 'assistant', content: [], usage: { input_tokens: 3 } } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 5 } },
    { type: 'message_stop' },
  ] as Any[]),
  responses: named([
    { type: 'response.created', sequence_number: 0, response: { id: 'resp_1', object: 'response', status: 'in_progress', model: 'm', output: [] } },
    { type: 'response.output_item.added', sequence_number: 1, output_index: 0, item: { id: 'msg_1', type: 'message', role: 'assistant', content: [] } },
    { type: 'response.output_text.delta', sequence_number: 2, output_index: 0, content_index: 0, item_id: 'msg_1', delta: 'Hello' },
    {
      type: 'response.output_item.done',
      sequence_number: 3,
      output_index: 0,
      item: { id: 'msg_1', type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hello' }] },
    },
    { type: 'response.completed', sequence_number: 4, response: { id: 'resp_1', object: 'response', status: 'completed', output: [] } },
  ] as Any[]),
};
const FAILURE: Record<Dialect, RegExp> = {
  chat: /data: \{"error":\{.*before it was complete.*\n\n$/,
  messages: /event: error\ndata: \{"type":"error".*before it was complete.*\n\n$/,
  responses: /event: response.failed\ndata: .*before it was complete.*\n\n$/,
};

describe('a native stream', () => {
  for (const dialect of ['chat', 'messages', 'responses'] as const) {
    const good = GOOD[dialect];

    it(`of ${dialect} that ends well passes byte by byte`, async () => {
      const { text, line } = await ask(dialect, sse(good.join('')));
      expect(text).to.equal(good.join(''));
      expect(line.status).to.equal('completed');
    });

    it(`of ${dialect} without its last bytes never ends in the middle: it is completed, or told as broken`, async () => {
      for (let events = 0; events < good.length; events++) {
        const { text, line } = await ask(dialect, sse(good.slice(0, events).join('')));
        const isWhole = dialect !== 'responses' && events === good.length - 1;
        expect(line.status, `${events} events`).to.equal(isWhole ? 'completed' : 'failed');
        if (isWhole) expect(text).to.equal(good.join(''));
        else expect(text).to.match(FAILURE[dialect]);
      }
    });

    it(`of ${dialect} with lines that end in CR passes event by event`, async () => {
      const stream = good.join('').replaceAll('\n', '\r');
      expect((await ask(dialect, sse(stream))).text).to.equal(stream);
    });

    for (const odd of ['null', '7', '{oops', '"text"'])
      it(`of ${dialect} fails in words at ${odd}, behind what came before it`, async () => {
        const { text, line } = await ask(dialect, sse([...good.slice(0, 2), `data: ${odd}\n\n`, ...good.slice(2)].join('')));
        expect(text.startsWith(good.slice(0, 2).join(''))).to.equal(true);
        expect(text).to.include('something that is not JSON');
        expect(line.error.code).to.equal('upstream_protocol');
      });

    it(`of ${dialect} that is nothing but [DONE] fails`, async () => {
      const { text, line } = await ask(dialect, sse(DONE));
      expect(text).to.match(FAILURE[dialect]);
      expect(line.error.code).to.equal('stream_cut');
    });
  }

  it('of chat gets the reason to finish that its [DONE] leaves out', async () => {
    const { events, line } = await ask('chat', sse(GOOD.chat.slice(0, 3).join('') + DONE));
    expect(events.slice(3)).to.deep.equal([{ id: 'c1', object: 'chat.completion.chunk', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }, '[DONE]']);
    expect(line.status).to.equal('completed');
  });

  it('of chat whose [DONE] comes within the arguments of a call fails, and behind them is completed', async () => {
    const call = chat({ tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a"' } }] });
    expect((await ask('chat', sse(call + DONE))).text).to.match(FAILURE.chat);
    const { events } = await ask('chat', sse(call + chat({ tool_calls: [{ index: 0, function: { arguments: ':1}' } }] }) + DONE));
    expect(events.at(-2).choices[0].finish_reason).to.equal('tool_calls');
  });

  it('of messages that stops at [DONE] gets its last events, unless a call is open', async () => {
    const { events, line } = await ask('messages', sse(GOOD.messages.slice(0, 3).join('') + DONE));
    expect(events.slice(3)).to.deep.equal([
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 0 } },
      { type: 'message_stop' },
    ]);
    expect(line.status).to.equal('completed');
    const call = named([{ type: 'content_block_start', index: 1, content_block: { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} } } as Any]);
    expect((await ask('messages', sse(GOOD.messages.slice(0, 4).join('') + call.join('') + DONE))).text).to.match(FAILURE.messages);
  });

  it('of responses that stops at [DONE] is completed from its whole items', async () => {
    const { events, line } = await ask('responses', sse(GOOD.responses.slice(0, 4).join('') + DONE));
    const { type, response, sequence_number } = events.at(-1);
    expect({ type, sequence_number, status: response.status, id: response.id }).to.deep.equal({
      type: 'response.completed',
      sequence_number: 4,
      status: 'completed',
      id: 'resp_1',
    });
    expect(response.output[0].content[0].text).to.equal('Hello');
    expect(line.status).to.equal('completed');
    expect((await ask('responses', sse(GOOD.responses.slice(0, 3).join('') + DONE))).text).to.match(FAILURE.responses);
  });
});

describe('what a client cannot read in a native answer', () => {
  it('of chat is mended: an empty role, no index of a choice', async () => {
    const bare = (delta: object, finish: string | null = null) => `data: ${JSON.stringify({ choices: [{ delta, finish_reason: finish }] })}\n\n`;
    const { events } = await ask('chat', sse(bare({ role: '', content: 'Hel' }) + bare({ content: 'lo' }) + bare({}, 'stop') + DONE));
    expect(events.slice(0, -1).map(({ choices: [choice] }) => choice.index)).to.deep.equal([0, 0, 0]);
    expect(events[0].choices[0].delta).to.deep.equal({ role: 'assistant', content: 'Hel' });
    const whole = { choices: [{ index: 0, message: { role: '', content: 'hi' }, finish_reason: 'stop' }] };
    expect((await ask('chat', json(200, whole), {})).events[0].choices[0].message.role).to.equal('assistant');
  });

  const fn = (name: string | undefined, args: unknown) => ({ function: { ...(name && { name }), arguments: args } });
  const FRAGMENTS: [what: string, fragments: object[], calls: string[]][] = [
    [
      'numbers for ids',
      [
        { index: 0, id: 7, ...fn('f', '{"a"') },
        { index: 0, id: 7, ...fn(undefined, ':1}') },
      ],
      ['f {"a":1}'],
    ],
    [
      'no ids',
      [
        { index: 0, ...fn('f', '{}') },
        { index: 1, ...fn('g', '{') },
        { index: 1, ...fn(undefined, '}') },
      ],
      ['f {}', 'g {}'],
    ],
    ['no indexes', [{ id: 'a', ...fn('f', '{') }, fn(undefined, '}'), { id: 'b', ...fn('g', '{}') }], ['f {}', 'g {}']],
    ['neither', [fn('f', '{'), fn(undefined, '}'), fn('g', '{}')], ['f {}', 'g {}']],
    [
      'one index for all',
      [
        { index: 0, id: 'a', ...fn('f', '{}') },
        { index: 0, id: 'b', ...fn('g', '{') },
        { index: 0, ...fn(undefined, '}') },
      ],
      ['f {}', 'g {}'],
    ],
    [
      'one id for all',
      [
        { index: 0, id: 'a', ...fn('f', '{}') },
        { index: 1, id: 'a', ...fn('g', '{}') },
      ],
      ['f {}', 'g {}'],
    ],
    [
      'one id for all, and no indexes',
      [
        { id: 'a', ...fn('f', '{}') },
        { id: 'a', ...fn('g', '{"a"') },
        { id: 'a', ...fn(undefined, ':1}') },
      ],
      ['f {}', 'g {"a":1}'],
    ],
    ['an object for arguments', [{ index: 0, id: 'a', ...fn('f', { a: 1 }) }], ['f {"a":1}']],
    [
      'nothing odd',
      [
        { index: 0, id: 'a', ...fn('f', '{') },
        { index: 0, id: 'a', ...fn(undefined, '}') },
        { index: 1, id: 'b', ...fn('g', '{}') },
      ],
      ['f {}', 'g {}'],
    ],
  ];
  for (const [what, fragments, expected] of FRAGMENTS)
    it(`of chat is mended in its calls: ${what}`, async () => {
      const stream = fragments.map((fragment) => chat({ tool_calls: [fragment] })).join('') + chat({}, { finish_reason: 'tool_calls' }) + DONE;
      const { events, text } = await ask('chat', sse(stream));
      const calls: { id: string; text: string }[] = [];
      for (const { index, id, function: part } of events.slice(0, -2).flatMap(({ choices }) => choices[0].delta.tool_calls)) {
        expect(index).to.be.a('number');
        calls[index] ??= { id, text: `${part.name} ` };
        if (id) expect(id, 'one id a call').to.equal(calls[index]?.id);
        (calls[index] as Any).text += part.arguments;
      }
      expect(calls.map((call) => call.text)).to.deep.equal(expected);
      expect(new Set(calls.map(({ id }) => id)).size).to.equal(expected.length);
      for (const { id } of calls)
        expect(id)
          .to.be.a('string')
          .and.match(/^(a|b|call_.+)$/);
      if (what === 'nothing odd') expect(text).to.equal(stream);
    });

  it('of chat is mended in whole answers, and without a change passes as it is', async () => {
    const whole = (id: unknown) => ({ choices: [{ index: 0, message: { tool_calls: [{ id, ...fn('f', '{}') }] }, finish_reason: 'tool_calls' }] });
    expect((await ask('chat', json(200, whole(7)), {})).events[0].choices[0].message.tool_calls[0].id).to.match(/^call_/);
    const body = JSON.stringify(whole('a'), null, 1);
    expect((await ask('chat', json(200, body), {})).text).to.equal(body);
  });

  it('of messages and responses is mended: numbers for ids, blocks without an index', async () => {
    const use = { type: 'tool_use', id: 7, name: 'f', input: {} };
    const blocks = named([
      { type: 'content_block_start', content_block: use },
      { type: 'content_block_delta', delta: { type: 'input_json_delta', partial_json: '{}' } },
      { type: 'content_block_stop' },
    ] as Any[]);
    const stream = [GOOD.messages[0], ...blocks, ...GOOD.messages.slice(-2)].join('');
    const { events } = await ask('messages', sse(stream));
    expect(events[1].content_block.id).to.match(/^toolu_/);
    expect(events.slice(1, 4).map(({ index }) => index)).to.deep.equal([0, 0, 0]);
    const item = { type: 'function_call', id: 'fc_1', call_id: 7, name: 'f', arguments: '{}' };
    const items = named([
      { type: 'response.output_item.added', output_index: 0, item },
      { type: 'response.output_item.done', output_index: 0, item },
      { type: 'response.completed', response: { id: 'resp_1', output: [item] } },
    ] as Any[]);
    const answered = (await ask('responses', sse(GOOD.responses[0] + items.join('')))).events;
    const ids = [answered[1].item, answered[2].item, answered[3].response.output[0]].map(({ call_id }) => call_id);
    expect(ids[0]).to.match(/^call_/);
    expect(ids).to.deep.equal([ids[0], ids[0], ids[0]]);
  });
});
