import fc from 'fast-check';
import {
  type Content,
  type EndEvent,
  type FunctionCall,
  type Item,
  type Logprob,
  type StreamEvent,
  textOf,
  type Usage,
} from '../../core/contract/canonical.ts';
import { GatewayError } from '../../core/contract/errors.ts';

type ItemEvent = Extract<StreamEvent, { key: number }>;
/** The share of an item that streams ahead of its end. */
type Streamed = 'all' | 'some' | 'nothing';

export interface Told {
  events: StreamEvent[];
  /** The finished items, in the order in which they were added. */
  items: Item[];
  end: EndEvent;
}

/** Text with quotes, line ends, control characters, other alphabets and whole emoji; often empty. */
const text = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }) },
  { weight: 2, arbitrary: fc.constantFrom('', ' ', '\n', '"', '\\', '\u2028</s>', 'data: [DONE]\n\n', '🦜', '{"a":1}') },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
);
const some = text.filter((each) => each !== '');

const likely = fc.tuple(some, fc.integer({ min: -20, max: -1 })).map(([token, logprob]): Logprob => ({ token, logprob, bytes: [...Buffer.from(token)] }));
const parts = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: some.map((text): Content => ({ type: 'output_text', text })) },
    {
      weight: 1,
      arbitrary: fc.tuple(some, fc.array(likely, { minLength: 1, maxLength: 3 })).map(([text, logprobs]): Content => ({ type: 'output_text', text, logprobs })),
    },
    { weight: 1, arbitrary: some.map((refusal): Content => ({ type: 'refusal', refusal })) },
  ),
  { maxLength: 2 },
);
const message = fc
  .oneof(parts, fc.constant<Content[]>([{ type: 'output_text', text: '' }]))
  .map((content): Item => ({ type: 'message', role: 'assistant', content }));

const thought = fc.record({
  summary: fc.array(some, { maxLength: 2 }),
  content: fc.array(some, { maxLength: 2 }),
  sealed: fc.option(fc.stringMatching(/^[a-z]{1,8}$/), { nil: undefined }),
});
const reasoning = thought.map(
  ({ summary, content, sealed }): Item => ({
    type: 'reasoning',
    summary: summary.map((text) => ({ type: 'summary_text', text })),
    ...(content.length > 0 && { content: content.map((text) => ({ type: 'reasoning_text', text })) }),
    ...(sealed && { encrypted_content: sealed }),
  }),
);

const json = fc.oneof(
  fc.dictionary(some, fc.oneof(text, fc.integer(), fc.boolean()), { maxKeys: 3 }).map((value) => JSON.stringify(value)),
  fc.constantFrom('{}', '{"path": "a"', '[1]', 'none'),
);
const name = fc.stringMatching(/^[a-z_]{1,8}$/);
const call = fc
  .record({ name, json })
  .map(({ name: called, json: written }): FunctionCall => ({ type: 'function_call', call_id: '', name: called, arguments: written }));
const custom = fc.record({ name, input: text }).map(({ name: called, input }): Item => ({ type: 'custom_tool_call', call_id: '', name: called, input }));

const plan = fc.record({
  item: fc.oneof({ weight: 3, arbitrary: message }, { weight: 2, arbitrary: reasoning }, { weight: 4, arbitrary: call }, { weight: 1, arbitrary: custom }),
  streamed: fc.constantFrom<Streamed>('all', 'all', 'some', 'nothing'),
  cuts: fc.array(fc.nat(12), { maxLength: 3 }),
  note: fc.boolean(),
});

const usage: fc.Arbitrary<Usage> = fc
  .record({ fresh: fc.nat(1000), cached: fc.nat(1000), written: fc.nat(100), said: fc.nat(1000), thought: fc.nat(1000) })
  .map(({ fresh, cached, written, said, thought: reasoned }) => ({
    input_tokens: fresh + cached + written + 1,
    cached_tokens: cached,
    ...(written > 0 && { cache_write_tokens: written }),
    output_tokens: said + reasoned,
    reasoning_tokens: reasoned,
  }));

const end = fc.oneof(
  { weight: 4, arbitrary: usage.map((reported): EndEvent => ({ type: 'end', status: 'completed', usage: reported })) },
  {
    weight: 2,
    arbitrary: fc
      .record({ reported: usage, reason: fc.constantFrom('max_output_tokens' as const, 'content_filter' as const) })
      .map(({ reported, reason }): EndEvent => ({ type: 'end', status: 'incomplete', reason, usage: reported })),
  },
  {
    weight: 1,
    arbitrary: some.map((words): EndEvent => ({ type: 'end', status: 'failed', error: new GatewayError('upstream_failed', words) })),
  },
);

/**
 * Any answer that a decoder may produce: texts one after another, calls at the same time as anything; a failure breaks
 * off anywhere.
 */
export const told: fc.Arbitrary<Told> = fc
  .record({ plans: fc.array(plan, { maxLength: 5 }), end, turns: fc.array(fc.nat(8), { maxLength: 30 }), at: fc.nat(40) })
  .map(({ plans, end: ended, turns, at }) => {
    const lines = plans.map(({ item, ...how }, key) => eventsOf('call_id' in item ? { ...item, call_id: `call_${key}` } : item, key, how));
    const all = interleave(lines, turns);
    const events: StreamEvent[] = ended.status === 'failed' ? all.slice(0, at) : all;
    const added = events.flatMap((event) => (event.type === 'item.added' ? event.key : []));
    const done = events.filter((event) => event.type === 'item.done').sort((one, other) => added.indexOf(one.key) - added.indexOf(other.key));
    return { events: [...events, ended], items: done.map(({ item }) => item), end: ended };
  });

function eventsOf(item: Item, key: number, { streamed, cuts, note }: { streamed: Streamed; cuts: number[]; note: boolean }): ItemEvent[] {
  const deltas = textsOf(item).flatMap(({ channel, part, whole }) =>
    split(whole, cuts).map((delta): ItemEvent => ({ type: 'item.delta', key, channel, delta, ...(part > 0 && { part }) })),
  );
  const shown = streamed === 'all' ? deltas : streamed === 'some' ? deltas.slice(0, 1) : [];
  const cited = { type: 'url_citation', url: 'https://example.org/', title: 'A', start_index: 0, end_index: 1 };
  const hasText = item.type === 'message' && Array.isArray(item.content) && item.content[0]?.type === 'output_text' && item.content[0].text !== '';
  const notes: ItemEvent[] = note && hasText && streamed === 'all' ? [{ type: 'item.note', key, note: cited }] : [];
  return [{ type: 'item.added', key, item: empty(item) }, ...shown, ...notes, { type: 'item.done', key, item }];
}

function empty(item: Item): Item {
  if (item.type === 'message') return { ...item, content: [] };
  if (item.type === 'reasoning') return { type: 'reasoning', summary: [] };
  if (item.type === 'function_call') return { ...item, arguments: '' };
  return item.type === 'custom_tool_call' ? { ...item, input: '' } : item;
}

function textsOf(item: Item): { channel: Extract<ItemEvent, { type: 'item.delta' }>['channel']; part: number; whole: string }[] {
  switch (item.type) {
    case 'message':
      return (item.content as Content[]).map((each, part) =>
        each.type === 'refusal' ? { channel: 'refusal', part, whole: each.refusal } : { channel: 'text', part, whole: 'text' in each ? each.text : '' },
      );
    case 'reasoning': {
      const textIn = (channel: 'summary' | 'reasoning') => (each: Content, part: number) => ({ channel, part, whole: textOf([each]) });
      return [...item.summary.map(textIn('summary')), ...(item.content ?? []).map(textIn('reasoning'))];
    }
    case 'function_call':
      return [{ channel: 'arguments', part: 0, whole: item.arguments }];
    case 'custom_tool_call':
      return [{ channel: 'input', part: 0, whole: item.input }];
    default:
      return [];
  }
}

/** Never cuts inside a character, because decoders read whole ones. */
function split(whole: string, cuts: readonly number[]): string[] {
  const characters = [...whole];
  const places = [...new Set(cuts.filter((cut) => cut > 0 && cut < characters.length))].sort((one, other) => one - other);
  return [0, ...places].map((from, at) => characters.slice(from, places[at]).join('')).filter((each) => each !== '');
}

/** `turns` picks the line that continues; only calls may stay open while something else arrives. */
function interleave(lines: readonly ItemEvent[][], turns: readonly number[]): ItemEvent[] {
  const rest = lines.map((line) => [...line]);
  const events: ItemEvent[] = [];
  let turn = 0;
  while (rest.some((line) => line.length > 0)) {
    const open = rest.find((line) => line[0] && line[0].type !== 'item.added' && !isCall(line));
    const begun = rest.filter((line) => line[0] && line[0].type !== 'item.added');
    const next = rest.find((line) => line[0]?.type === 'item.added');
    const choices = [...(open ? [open] : next ? [next] : []), ...begun.filter((line) => line !== open)];
    const chosen = choices[(turns[turn++ % (turns.length || 1)] ?? 0) % choices.length];
    const event = chosen?.shift();
    if (event) events.push(event);
  }
  return events;
}

function isCall(line: readonly ItemEvent[]): boolean {
  const last = line.at(-1);
  return last?.type === 'item.done' && (last.item.type === 'function_call' || last.item.type === 'custom_tool_call');
}
