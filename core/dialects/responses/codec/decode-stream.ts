import type { Channel, EndEvent, Logprob, StreamEvent } from '../../../contract/canonical.ts';
import type { GatewayError } from '../../../contract/errors.ts';
import type { Exchange } from '../../../contract/exchange.ts';
import { CallIds } from '../../call-ids.ts';
import type { Decoder } from '../../codec.ts';
import { cutShort } from '../../cut-short.ts';
import { estimateUsage } from '../../estimate-usage.ts';
import { decodeLogprobs } from '../../logprobs.ts';
import { asCount, asId, asList, asRecord, asText } from '../../tolerant.ts';
import { addLogprobs, beginItem, decodeItem, partsOf, rebuildItem, textsOf } from './decode-item.ts';
import { decodeUsage } from './decode-usage.ts';
import type { AnswerItem, ResponsesAnswer, ResponsesChunk, ResponsesUsage } from './upstream-wire.ts';

interface OpenItem {
  readonly key: number;
  readonly index: number;
  /** The item as it began. */
  readonly begun: AnswerItem;
  readonly callId: string | undefined;
  /** Text that streamed, by part: `text0`, `summary1`, `arguments0`. */
  readonly streamed: Map<string, string>;
  /** Log probabilities that streamed, by part. */
  logprobs: Map<string, Logprob[]> | undefined;
  notes: number;
  done: boolean;
}

const CHANNEL = new Map<string, Channel>([
  ['response.output_text.delta', 'text'],
  ['response.refusal.delta', 'refusal'],
  ['response.reasoning_summary_text.delta', 'summary'],
  ['response.reasoning_text.delta', 'reasoning'],
  ['response.function_call_arguments.delta', 'arguments'],
  ['response.custom_tool_call_input.delta', 'input'],
]);
/** Events that repeat a whole text, the kind of item, and the field: some providers send fewer deltas, or none. */
const WHOLE = new Map<string, [Channel, type: string, field: string]>([
  ['response.output_text.done', ['text', 'message', 'text']],
  ['response.refusal.done', ['refusal', 'message', 'refusal']],
  ['response.reasoning_summary_text.done', ['summary', 'reasoning', 'text']],
  ['response.reasoning_text.done', ['reasoning', 'reasoning', 'text']],
  ['response.function_call_arguments.done', ['arguments', 'function_call', 'arguments']],
  ['response.custom_tool_call_input.done', ['input', 'custom_tool_call', 'input']],
]);
const TYPE: { readonly [channel in Channel]?: string } = { text: 'message', refusal: 'message', summary: 'reasoning', reasoning: 'reasoning' };

/** Reads a Responses stream event by event, or a whole response as one chunk. The provider's ids of items end here. */
export class ResponsesDecoder implements Decoder<ResponsesChunk> {
  readonly #exchange: Exchange;
  readonly #ids: CallIds;
  readonly #inputCharacters: number;
  #outputCharacters = 0;
  readonly #items: OpenItem[] = [];
  /** The items by their place, the last one of each; by the provider's id, the first one of each. */
  readonly #byIndex = new Map<number, OpenItem>();
  readonly #byId = new Map<string, OpenItem>();
  /** The items that may still be open, the last one last. */
  readonly #unfinished: OpenItem[] = [];
  #ended = false;

  constructor(exchange: Exchange, inputCharacters: number) {
    this.#exchange = exchange;
    this.#ids = new CallIds(exchange);
    this.#inputCharacters = inputCharacters;
  }

  get finished(): boolean {
    return this.#ended;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Events that repeat or only report are no progress, so they yield no events. */
  chunk(chunk: ResponsesChunk, events: StreamEvent[]): void {
    if (this.#ended) return;
    const channel = CHANNEL.get(asText(chunk.type));
    if (channel) return this.#delta(chunk, channel, events);
    const whole = WHOLE.get(asText(chunk.type));
    if (whole) return this.#whole(chunk, ...whole, events);
    switch (chunk.type) {
      case 'response.output_item.added':
      case 'response.output_item.done':
        return this.#item(chunk, asRecord(chunk.item), events);
      case 'response.output_text.annotation.added':
        return this.#note(chunk, events);
      case 'response.completed':
      case 'response.done':
      case 'response.incomplete':
        return this.#close(asRecord(chunk.response), chunk.type === 'response.incomplete', events);
    }
    if (chunk.object === 'response' || chunk.object === 'response.compaction') this.#close(chunk, false, events);
  }

  /** Called after `[DONE]`, or after the last byte without it: the event that ends the response is missing. */
  end(marked: boolean, events: StreamEvent[]): void {
    if (this.#ended) return;
    if (marked && this.#items.some(({ done }) => done) && this.#items.every(({ done }) => done)) return this.#close({}, false, events);
    this.fail(cutShort(), events);
  }

  fail(error: GatewayError, events: StreamEvent[]): void {
    if (!this.#ended) this.#end({ type: 'end', status: 'failed', error }, undefined, events);
  }

  #item(chunk: ResponsesChunk, item: AnswerItem, events: StreamEvent[]): void {
    if (!asText(item.type)) return;
    const open = this.#find(chunk, item) ?? this.#add(item, chunk.output_index, events);
    if (chunk.type === 'response.output_item.done') this.#finish(open, item, events);
  }

  /** Finds an item by its place, else by its id; some providers send neither, but one item at a time. */
  #find({ output_index: index, item_id: id }: ResponsesChunk, item?: AnswerItem): OpenItem | undefined {
    if (typeof index === 'number') return this.#byIndex.get(index);
    const named = id ?? item?.id;
    if (named) return this.#byId.get(named);
    while (this.#unfinished.at(-1)?.done) this.#unfinished.pop();
    const last = this.#unfinished.at(-1);
    return item && last?.begun.type !== item.type ? undefined : last;
  }

  #add(item: AnswerItem, index: number | null | undefined, events: StreamEvent[]): OpenItem {
    const isNamed = item.type === 'function_call' || item.type === 'custom_tool_call' || (asText(item.type).endsWith('_call') && asText(item.call_id) !== '');
    const callId = isNamed ? this.#ids.take(asId(item.call_id)) : undefined;
    const open = {
      key: this.#exchange.newKey(),
      index: typeof index === 'number' ? index : this.#items.length,
      begun: item,
      callId,
      streamed: new Map(),
      logprobs: undefined,
      notes: 0,
      done: false,
    };
    this.#items.push(open);
    this.#unfinished.push(open);
    this.#byIndex.set(open.index, open);
    if (item.id && !this.#byId.has(item.id)) this.#byId.set(item.id, open);
    events.push({ type: 'item.added', key: open.key, item: beginItem(item, callId) });
    return open;
  }

  #delta(chunk: ResponsesChunk, channel: Channel, events: StreamEvent[]): void {
    const delta = asText(chunk.delta);
    const logprobs = channel === 'text' ? decodeLogprobs(chunk.logprobs) : undefined;
    if (!delta && !logprobs) return;
    const type = TYPE[channel];
    // a call must begin with its name: without one the decoder waits for the whole call
    const open = this.#find(chunk) ?? (type && this.#add({ type, id: chunk.item_id ?? null }, chunk.output_index, events));
    if (open && !open.done) this.#stream(open, channel, partOf(chunk, channel), delta, events, logprobs);
  }

  /** Streams what the deltas left out. */
  #whole(chunk: ResponsesChunk, channel: Channel, type: string, field: string, events: StreamEvent[]): void {
    const open = this.#find(chunk);
    if (!open || open.done || open.begun.type !== type) return;
    const value = chunk[field];
    const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : asText(value);
    const part = partOf(chunk, channel);
    const streamed = open.streamed.get(`${channel}${part}`) ?? '';
    if (text.length > streamed.length && text.startsWith(streamed)) this.#stream(open, channel, part, text.slice(streamed.length), events);
  }

  #stream(open: OpenItem, channel: Channel, part: number, delta: string, events: StreamEvent[], logprobs?: Logprob[]): void {
    const place = `${channel}${part}`;
    open.streamed.set(place, (open.streamed.get(place) ?? '') + delta);
    this.#outputCharacters += delta.length;
    if (logprobs) {
      open.logprobs ??= new Map();
      const known = open.logprobs.get(place) ?? [];
      for (const each of logprobs) known.push(each);
      open.logprobs.set(place, known);
    }
    events.push({ type: 'item.delta', key: open.key, channel, delta, ...(part > 0 && { part }), ...(logprobs && { logprobs }) });
  }

  #note(chunk: ResponsesChunk, events: StreamEvent[]): void {
    const open = this.#find(chunk);
    const [note] = asList<Record<string, unknown>>(chunk.annotation);
    if (!open || open.done || !note) return;
    open.notes++;
    events.push({ type: 'item.note', key: open.key, note });
  }

  /** Streams the rest of a whole item: a client that reads the deltas alone must miss nothing. */
  #finish(open: OpenItem, whole: AnswerItem, events: StreamEvent[]): void {
    if (open.done) return;
    open.done = true;
    const item = decodeItem(whole, open.callId);
    const isEmpty = !whole.arguments && !whole.input;
    if (item.type === 'function_call' && isEmpty && item.status !== 'incomplete') item.arguments = open.streamed.get('arguments0') ?? '{}';
    if (item.type === 'custom_tool_call' && isEmpty) item.input = open.streamed.get('input0') ?? '';
    for (const [channel, part, text, logprobs] of textsOf(item)) {
      const streamed = open.streamed.get(`${channel}${part}`) ?? '';
      const rest = text.startsWith(streamed) ? text.slice(streamed.length) : '';
      if (rest) this.#stream(open, channel, part, rest, events, streamed === '' ? logprobs : undefined);
    }
    if (open.logprobs) addLogprobs(item, open.logprobs);
    const notes = item.type === 'message' ? partsOf(whole.content).flatMap(({ annotations }) => asList(annotations)) : [];
    for (const note of notes.slice(open.notes)) events.push({ type: 'item.note', key: open.key, note });
    open.streamed.clear();
    events.push({ type: 'item.done', key: open.key, item });
  }

  /** Some providers list the items only in the last event, some no longer there. */
  #close(answer: Partial<ResponsesAnswer>, isCut: boolean, events: StreamEvent[]): void {
    const cut = isCut || answer.status === 'incomplete';
    const first = new Map<number, OpenItem>();
    const nameless = new Map<number, OpenItem>();
    for (const open of this.#items.toReversed()) {
      first.set(open.index, open);
      if (!open.begun.id) nameless.set(open.index, open);
    }
    for (const [index, item] of asList(answer.output).entries()) {
      if (!asText(item.type)) continue;
      const known = item.id ? (this.#byId.get(item.id) ?? nameless.get(index)) : first.get(index);
      if (!known?.done) this.#finish(known ?? this.#add(item, index, events), item, events);
    }
    for (const open of this.#items)
      if (!open.done) this.#finish(open, { ...rebuildItem(open.begun, open.streamed), ...(cut && { status: 'incomplete' }) }, events);
    if (!cut) return this.#end({ type: 'end', status: 'completed' }, answer.usage, events);
    const reason = answer.incomplete_details?.reason === 'content_filter' ? 'content_filter' : 'max_output_tokens';
    this.#end({ type: 'end', status: 'incomplete', reason }, answer.usage, events);
  }

  #end(end: EndEvent, reported: ResponsesUsage | null | undefined, events: StreamEvent[]): void {
    this.#ended = true;
    const usage = decodeUsage(reported) ?? (end.status === 'failed' ? undefined : estimateUsage(this.#inputCharacters, this.#outputCharacters));
    events.push(usage ? { ...end, usage } : end);
  }
}

function partOf({ content_index, summary_index }: ResponsesChunk, channel: Channel): number {
  if (channel === 'arguments' || channel === 'input') return 0;
  return asCount(channel === 'summary' ? summary_index : content_index);
}
