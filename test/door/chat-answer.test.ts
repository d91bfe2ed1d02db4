import { expect } from 'chai';
import fc from 'fast-check';
import type { Item, StreamEvent } from '../../core/contract/canonical.ts';
import { GatewayError } from '../../core/contract/errors.ts';
import { chatFrontDoor } from '../../core/dialects/chat/door/front-door.ts';
import { added, delta, done } from '../support/item-events.ts';
import { Following, type Pair, startPair } from '../support/pair.ts';
import { says, sse } from '../support/scripted-provider.ts';
import { testExchange } from '../support/test-exchange.ts';
import { eventsOf } from '../support/test-gateway.ts';

// biome-ignore lint/suspicious/noExplicitAny: chunks of any shape
type Loose = any;

const ASKED = { model: 'm', messages: [{ role: 'user', content: 'hi' }], stream: true };
const USAGE = { input_tokens: 20, cached_tokens: 5, output_tokens: 7, reasoning_tokens: 3 };
const TOLD_USAGE = {
  prompt_tokens: 20,
  completion_tokens: 7,
  total_tokens: 27,
  prompt_tokens_details: { cached_tokens: 5 },
  completion_tokens_details: { reasoning_tokens: 3 },
};
const COMPLETED: StreamEvent = { type: 'end', status: 'completed', usage: USAGE };
const SEARCH = { type: 'url_citation', start_index: 0, end_index: 2, url: 'https://x.test', title: 'X' };

const message = (text: string): Item => ({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] });
const call = (call_id: string, args: string): Item => ({ type: 'function_call', call_id, name: 'add', arguments: args });
const custom = (call_id: string, input: string): Item => ({ type: 'custom_tool_call', call_id, name: 'patch', input });

describe('the Chat answer', () => {
  it('tells the role first, then text, the reason it ended, and [DONE]', () => {
    const { text, chunks } = play([
      { type: 'start' },
      added(0, message('')),
      delta(0, 'text', 'Hé'),
      delta(0, 'text', '"!"'),
      done(0, message('Hé"!"')),
      COMPLETED,
    ]);
    expect(text.split('\n\n').every((block) => block === '' || /^data: [^\n]+$/.test(block))).to.equal(true);
    expect(text.endsWith('data: [DONE]\n\n')).to.equal(true);
    expect(chunks.map(({ choices }: Loose) => [choices[0].delta, choices[0].finish_reason])).to.deep.equal([
      [{ role: 'assistant', content: '' }, null],
      [{ content: 'Hé' }, null],
      [{ content: '"!"' }, null],
      [{}, 'stop'],
    ]);
    const [{ id }] = chunks;
    expect(id).to.match(/^chatcmpl-\w+$/);
    for (const chunk of chunks) {
      expect(chunk).to.deep.include({ id, object: 'chat.completion.chunk', created: 1_767_225_600, model: 'm' });
      expect(chunk.choices.map(({ index }: Loose) => index)).to.deep.equal([0]);
      expect(chunk).not.to.have.property('usage');
    }
  });

  describe('tells how likely tokens were', () => {
    const token = { token: 'H', logprob: -1 };
    const other = { token: 'i', logprob: -2, bytes: [105], top_logprobs: [{ token: 'o', logprob: -3 }] };
    const encoded = { token: 'H', logprob: -1, bytes: [72], top_logprobs: [] };
    const encodedOther = { ...other, top_logprobs: [{ token: 'o', logprob: -3, bytes: [111] }] };
    const hi = (logprobs: Loose[], more: Loose[] = []): Item => ({
      type: 'message',
      role: 'assistant',
      content: [{ type: 'output_text', text: 'Hi', logprobs }, ...more],
    });
    const hasLogprobs = (text: string, ...logprobs: Loose[]): StreamEvent => ({ type: 'item.delta', key: 0, channel: 'text', delta: text, logprobs });
    const told = (chunks: Loose[]) =>
      chunks.flatMap(({ choices }: Loose) =>
        'content' in choices[0].delta && !choices[0].delta.role ? [[choices[0].delta.content, choices[0].logprobs]] : [],
      );

    it('beside each piece of text, and of the whole', () => {
      const { chunks, whole } = play([added(0, message('')), hasLogprobs('H', token), hasLogprobs('i', other), done(0, hi([token, other])), COMPLETED]);
      expect(told(chunks)).to.deep.equal([
        ['H', { content: [encoded], refusal: null }],
        ['i', { content: [encodedOther], refusal: null }],
      ]);
      expect(whole.choices[0].logprobs).to.deep.equal({ content: [encoded, encodedOther], refusal: null });
    });

    it('where no text comes with them too', () => {
      const { chunks } = play([added(0, message('')), delta(0, 'text', 'Hi'), hasLogprobs('', token), done(0, hi([token])), COMPLETED]);
      expect(told(chunks)).to.deep.equal([
        ['Hi', null],
        ['', { content: [encoded], refusal: null }],
      ]);
    });

    it('at the end where no delta did', () => {
      const streamed = play([added(0, message('')), delta(0, 'text', 'Hi'), done(0, hi([token, other])), COMPLETED]);
      expect(told(streamed.chunks).at(-1)).to.deep.equal(['', { content: [encoded, encodedOther], refusal: null }]);
      const whole = play([done(0, hi([token, other])), COMPLETED]);
      expect(told(whole.chunks)).to.deep.equal([['Hi', { content: [encoded, encodedOther], refusal: null }]]);
    });

    it('of a refusal in its own place', () => {
      const refused: Item = { type: 'message', role: 'assistant', content: [{ type: 'refusal', refusal: 'H', logprobs: [token] }] };
      const { chunks, whole } = play([done(0, refused), COMPLETED]);
      expect(chunks.map(({ choices }: Loose) => choices[0].logprobs).filter(Boolean)).to.deep.equal([{ content: null, refusal: [encoded] }]);
      expect(whole.choices[0].logprobs).to.deep.equal({ content: null, refusal: [encoded] });
    });
  });

  it('tells usage in a chunk of its own, where it is asked for', () => {
    const { chunks } = play([COMPLETED], { stream_options: { include_usage: true } });
    expect(chunks.map(({ choices, usage }: Loose) => [choices.length, usage])).to.deep.equal([
      [1, null],
      [1, null],
      [0, TOLD_USAGE],
    ]);
  });

  it('tells calls by position, id, type and name before their arguments, and what no delta told at their end', () => {
    const events = [
      ...[added(0, message('')), delta(0, 'text', 'Two.'), done(0, message('Two.'))],
      ...[added(1, call('a', '')), added(2, call('b', '')), delta(1, 'arguments', '{"n"'), delta(2, 'arguments', '{}'), delta(1, 'arguments', ':1')],
      ...[done(1, call('a', '{"n":1}')), done(2, call('b', '{}')), done(3, call('c', '{"n":3}')), COMPLETED],
    ];
    const { chunks, whole } = play(events);
    const calls = chunks.flatMap(({ choices }: Loose) => choices[0].delta.tool_calls ?? []);
    expect(calls).to.deep.equal([
      { index: 0, id: 'a', type: 'function', function: { name: 'add', arguments: '' } },
      { index: 1, id: 'b', type: 'function', function: { name: 'add', arguments: '' } },
      { index: 0, function: { arguments: '{"n"' } },
      { index: 1, function: { arguments: '{}' } },
      { index: 0, function: { arguments: ':1' } },
      { index: 0, function: { arguments: '}' } },
      { index: 2, id: 'c', type: 'function', function: { name: 'add', arguments: '' } },
      { index: 2, function: { arguments: '{"n":3}' } },
    ]);
    expect(chunks.at(-1).choices[0].finish_reason).to.equal('tool_calls');
    expect(whole.choices[0]).to.deep.equal({
      index: 0,
      logprobs: null,
      finish_reason: 'tool_calls',
      message: {
        role: 'assistant',
        content: 'Two.',
        refusal: null,
        tool_calls: [
          ['a', '{"n":1}'],
          ['b', '{}'],
          ['c', '{"n":3}'],
        ].map(([id, args]) => ({ id, type: 'function', function: { name: 'add', arguments: args } })),
      },
    });
  });

  it('tells the call of a custom tool in its own form, and of one that was never declared as a function', () => {
    const events = [added(0, custom('a', '')), delta(0, 'input', 'x"\n'), delta(0, 'input', '🎉'), done(0, custom('a', 'x"\n🎉')), COMPLETED];
    const declared = play(events, { tools: [{ type: 'custom', custom: { name: 'patch' } }] });
    const { id, custom: told } = gather(declared.chunks).calls[0] ?? {};
    expect([id, told]).to.deep.equal(['a', { name: 'patch', input: 'x"\n🎉' }]);
    expect(declared.whole.choices[0].message.tool_calls).to.deep.equal([{ id: 'a', type: 'custom', custom: { name: 'patch', input: 'x"\n🎉' } }]);
    const other = play(events);
    expect(gather(other.chunks).calls[0]?.function).to.deep.equal({ name: 'patch', arguments: JSON.stringify({ input: 'x"\n🎉' }) });
    expect(other.whole.choices[0].message.tool_calls[0].function.arguments).to.equal(JSON.stringify({ input: 'x"\n🎉' }));
  });

  it('tells a call as function_call where functions were offered', () => {
    const events = [added(0, call('a', '')), delta(0, 'arguments', '{"n":'), done(0, call('a', '{"n":1}')), done(1, call('b', '{}')), COMPLETED];
    const { chunks, whole, warnings } = play(events, { functions: [{ name: 'add' }] });
    expect(chunks.map(({ choices }: Loose) => choices[0].delta.function_call).filter(Boolean)).to.deep.equal([
      { name: 'add', arguments: '' },
      { arguments: '{"n":' },
      { arguments: '1}' },
    ]);
    expect(chunks.at(-1).choices[0].finish_reason).to.equal('function_call');
    expect(whole.choices[0].message.function_call).to.deep.equal({ name: 'add', arguments: '{"n":1}' });
    expect(whole.choices[0].finish_reason).to.equal('function_call');
    expect(warnings).to.deep.equal(['functions: only_the_first_call_fits']);
  });

  it('tells reasoning as reasoning_content, summary or not, its parts apart', () => {
    const summary: Item = { type: 'reasoning', summary: ['A.', 'B.'].map((text) => ({ type: 'summary_text', text })), encrypted_content: 'sealed' };
    const events = [
      added(0, { type: 'reasoning', summary: [] }),
      delta(0, 'summary', 'A.', 0),
      delta(0, 'reasoning', 'raw'),
      delta(0, 'summary', 'B.', 1),
      done(0, summary),
    ];
    const plain: Item = { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'C.' }] };
    const { chunks, whole } = play([...events, done(1, plain), added(2, message('')), delta(2, 'text', 'So.'), done(2, message('So.')), COMPLETED]);
    expect(gather(chunks)).to.deep.include({ reasoning_content: 'A.\n\nB.\n\nC.', content: 'So.' });
    expect(whole.choices[0].message).to.deep.equal({ role: 'assistant', content: 'So.', refusal: null, reasoning_content: 'A.\n\nB.\n\nC.' });
  });

  it('gives what is sealed to clients that keep it', () => {
    const item: Item = { type: 'reasoning', summary: [{ type: 'summary_text', text: 'A.' }], encrypted_content: 'sealed' };
    const messages = [
      ...ASKED.messages,
      { role: 'assistant', content: 'a', reasoning_details: [{ type: 'reasoning.encrypted', data: 'before' }] },
      ...ASKED.messages,
    ];
    const { chunks, whole } = play([done(0, item), done(1, message('So.')), COMPLETED], { messages });
    const details = [{ type: 'reasoning.encrypted', data: 'sealed' }];
    expect(chunks.flatMap(({ choices }: Loose) => choices[0].delta.reasoning_details ?? [])).to.deep.equal(details);
    expect(whole.choices[0].message.reasoning_details).to.deep.equal(details);
  });

  it('tells refusals and citations, and of several messages each after a blank line', () => {
    const refusal: Item = { type: 'message', role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] };
    const events: StreamEvent[] = [
      ...[added(0, message('')), delta(0, 'text', 'One.'), done(0, message('One.')), done(1, message('Two.'))],
      ...([
        { type: 'item.note', key: 1, note: SEARCH },
        { type: 'item.note', key: 1, note: { type: 'file_path', file_id: 'f' } },
      ] satisfies StreamEvent[]),
      ...[added(2, message('')), delta(2, 'refusal', 'No'), done(2, refusal), COMPLETED],
    ];
    const { chunks, whole } = play(events);
    const { type, ...cited } = SEARCH;
    const annotations = [{ type, url_citation: cited }];
    expect(gather(chunks)).to.deep.include({ content: 'One.\n\nTwo.', refusal: 'No.' });
    expect(chunks.flatMap(({ choices }: Loose) => choices[0].delta.annotations ?? [])).to.deep.equal(annotations);
    expect(whole.choices[0].message).to.deep.equal({ role: 'assistant', content: 'One.\n\nTwo.', refusal: 'No.', annotations });
  });

  it('says null where there is a call or a refusal in place of a text, and nothing where there is neither', () => {
    expect(play([done(0, call('a', '{}')), COMPLETED]).whole.choices[0].message.content).to.equal(null);
    expect(play([COMPLETED]).whole.choices[0].message.content).to.equal('');
  });

  for (const [reason, told] of [
    ['max_output_tokens', 'length'],
    ['content_filter', 'content_filter'],
  ] as const) {
    it(`ends with ${told}, also after a call`, () => {
      const end: StreamEvent = { type: 'end', status: 'incomplete', reason, usage: USAGE };
      const { chunks, whole } = play([added(0, call('a', '')), delta(0, 'arguments', '{"n'), done(0, { ...call('a', '{"n'), status: 'incomplete' }), end]);
      expect([chunks.at(-1).choices[0].finish_reason, whole.choices[0].finish_reason]).to.deep.equal([told, told]);
    });
  }

  it('tells a failure as an error, and no [DONE]', () => {
    const error = new GatewayError('upstream_overloaded', 'too busy');
    const { text, chunks } = play([added(0, message('')), delta(0, 'text', 'Hel'), { type: 'end', status: 'failed', error }]);
    expect(chunks.at(-1)).to.deep.equal({ error: { message: 'too busy', type: 'server_error', param: null, code: 'server_is_overloaded' } });
    expect(text).not.to.include('[DONE]').and.not.to.include('"finish_reason":"');
  });

  it('tells the same in a stream and at once, whatever comes in which order and however it is cut', () => {
    fc.assert(
      fc.property(fc.array(arbitraryItem(), { maxLength: 6 }), fc.infiniteStream(fc.nat(3)), (items, cuts) => {
        const events = items.flatMap((item, key) => eventsFor(item, key, () => cuts.next().value ?? 0));
        const { chunks, whole } = play([...events, COMPLETED], { tools: [{ type: 'custom', custom: { name: 'patch' } }] });
        const { role: _, refusal, tool_calls: calls = [], reasoning_content = '', content } = whole.choices[0].message;
        expect(gather(chunks)).to.deep.equal({ content: content ?? '', refusal: refusal ?? '', reasoning_content, calls });
      }),
      { numRuns: 200 },
    );
  });
});

describe('the Chat front door over a Chat provider, translated', () => {
  let pair: Pair;
  const post = (body: object = {}) => pair.gateway.post({ ...ASKED, ...body }, {}, '/v1/chat/completions');
  before(async () => {
    pair = await startPair({ lane: 'translated' });
  });
  after(() => pair.stop());

  it('answers a stream and a whole answer', async () => {
    pair.provider.script(says('Hello.'));
    expect(gather(eventsOf(await (await post()).text())).content).to.equal('Hello.');
    const response = await post({ stream: false });
    expect(response.headers.get('x-tapline-usage')).to.equal(null);
    const { id, usage, choices } = (await response.json()) as Loose;
    expect(id).to.match(/^chatcmpl-/);
    expect(usage).to.deep.include({ prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 });
    expect(choices[0].message.content).to.equal('Hello.');
  });

  it('marks usage that is estimated', async () => {
    pair.provider.script(sse({ choices: [{ index: 0, delta: { content: 'Hello.' } }] }, { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }));
    const response = await post({ stream: false });
    expect(response.headers.get('x-tapline-usage')).to.equal('estimated');
    expect(((await response.json()) as Loose).usage.total_tokens).to.be.greaterThan(0);
  });

  it('carries what Chat knows to the provider', async () => {
    pair.provider.script(says('Hello.'));
    const sampling = { seed: 7, presence_penalty: 1, frequency_penalty: -1, temperature: 0.5 };
    await (await post({ ...sampling, max_completion_tokens: 9 })).text();
    expect(pair.provider.asked.at(-1)?.body).to.deep.include({ ...sampling, max_tokens: 9, messages: ASKED.messages });
  });

  it('tells a broken stream as an error and closes, without [DONE]', async () => {
    pair.provider.script(sse({ choices: [{ index: 0, delta: { content: 'Hel' } }] }));
    const text = await (await post()).text();
    expect(eventsOf(text).at(-1)?.error.code).to.equal('server_error');
    expect(text).not.to.include('[DONE]');
  });

  it("allows a page of this machine the headers that its SDK sends, and no other page's", async () => {
    const preflight = (origin: string) =>
      fetch(`${pair.gateway.url}/v1/chat/completions`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type,x-stainless-lang, bad name' },
      });
    const allowed = await preflight('http://localhost:3000');
    expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).to.deep.equal([204, 'http://localhost:3000']);
    expect(allowed.headers.get('access-control-allow-headers')?.split(', '))
      .to.include.members(['content-type', 'x-stainless-lang'])
      .and.not.include('bad name');
    const refused = await preflight('https://a-page.test');
    expect([refused.status, refused.headers.get('access-control-allow-headers')]).to.deep.equal([403, null]);
  });

  it('keeps a silent connection alive with comments', async () => {
    let end = () => {};
    pair.provider.script((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'Hel' } }] })}\n\n`);
      end = () => response.end(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'lo' }, finish_reason: 'stop' }] })}\n\ndata: [DONE]\n\n`);
    });
    const following = new Following(await post());
    await following.until('"content":"Hel"');
    pair.clock.advance(15_000);
    await following.until(': keepalive\n\n');
    end();
    expect(gather(await following.end()).content).to.equal('Hello');
  });
});

/** What a client puts together from a stream. */
function gather(chunks: Loose[]): { content: string; refusal: string; reasoning_content: string; calls: Loose[] } {
  const gathered = { content: '', refusal: '', reasoning_content: '', calls: [] as Loose[] };
  for (const { choices } of chunks) {
    const { tool_calls: calls = [], ...told } = choices[0]?.delta ?? {};
    for (const field of ['content', 'refusal', 'reasoning_content'] as const) gathered[field] += told[field] ?? '';
    for (const { index, ...fragment } of calls) {
      gathered.calls[index] ??= fragment;
      if (gathered.calls[index] === fragment) continue;
      const known = gathered.calls[index][gathered.calls[index].type];
      for (const [field, text] of Object.entries(fragment[gathered.calls[index].type])) known[field] += text;
    }
  }
  return gathered;
}

function play(events: StreamEvent[], body: object = {}): { text: string; chunks: Loose[]; whole: Loose; warnings: string[] } {
  const exchange = testExchange({ dialect: 'chat' });
  exchange.ask({ ...ASKED, ...body });
  const answer = chatFrontDoor.answer(chatFrontDoor.decode(structuredClone({ ...ASKED, ...body }), exchange), exchange);
  for (const event of events) answer.write(event);
  const text = answer.take();
  return { text, chunks: eventsOf(text), whole: JSON.parse(answer.body), warnings: exchange.warnings.map(({ param, reason }) => `${param}: ${reason}`) };
}

function arbitraryItem(): fc.Arbitrary<Item> {
  const text = fc.string({ unit: 'grapheme', maxLength: 8 });
  const part = fc.oneof(
    text.map((told) => ({ type: 'output_text' as const, text: told })),
    text.map((told) => ({ type: 'refusal' as const, refusal: told })),
  );
  return fc.oneof(
    fc.array(part, { maxLength: 2 }).map((content): Item => ({ type: 'message', role: 'assistant', content })),
    fc
      .array(text, { maxLength: 3 })
      .map((texts): Item => ({ type: 'reasoning', summary: texts.filter(Boolean).map((told) => ({ type: 'summary_text', text: told })) })),
    text.map((told) => call('a', JSON.stringify({ told }))),
    text.map((told) => custom('b', told)),
  );
}

/** Some with deltas, some with half of them, some without. */
function eventsFor(item: Item, key: number, choose: () => number): StreamEvent[] {
  const choice = choose();
  if (choice === 0) return [done(key, item)];
  const halves = (channel: Parameters<typeof delta>[1], text: string, part?: number) => {
    const middle = Math.ceil(text.length / 2);
    return [delta(key, channel, text.slice(0, middle), part), ...(choice === 1 ? [] : [delta(key, channel, text.slice(middle), part)])];
  };
  const [first] = item.type === 'message' && typeof item.content !== 'string' ? item.content : [];
  const deltas =
    item.type === 'function_call'
      ? halves('arguments', item.arguments)
      : item.type === 'custom_tool_call'
        ? halves('input', item.input)
        : item.type === 'reasoning'
          ? item.summary.flatMap((part, at) => ('text' in part ? [delta(key, 'summary', part.text, at)] : []))
          : first?.type === 'output_text'
            ? halves('text', first.text)
            : [];
  const begun =
    item.type === 'message'
      ? message('')
      : item.type === 'reasoning'
        ? { ...item, summary: [] }
        : item.type === 'function_call'
          ? { ...item, arguments: '' }
          : { ...item, input: '' };
  return [added(key, begun as Item), ...deltas, done(key, item)];
}
