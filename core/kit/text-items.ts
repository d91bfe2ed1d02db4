/** Splits a model's text into items: text, reasoning and calls. */
import type { Item, Message, StreamEvent } from '../contract/canonical.ts';
import type { Exchange } from '../contract/exchange.ts';
import type { Plugin } from '../contract/plugin.ts';
import { HeldTokens } from './held-tokens.ts';
import { perExchange } from './per-exchange.ts';

/** A part of a text: for the reader, a thought, or the arguments of a call. */
export type Piece = { type: 'text' | 'reasoning' | 'call'; text: string; name?: string };

/** Reads the text of one item. Its pieces must not depend on where the stream was cut. */
export interface TextReader {
  read(text: string): Piece[];
  /** Accepts a text that needs no reading, as nearly all texts do; false if the text has to be read. */
  passes(text: string): boolean;
  /** Returns the held-back text, once nothing can follow. */
  end(): Piece[];
}

/**
 * Creates an `event` handler that reads the text of every message, and puts the pieces that a reader finds into items
 * of their own. Log probabilities stay with text that passes unchanged. After the first find a token may belong to two
 * pieces, so the new items carry none, neither in deltas nor in the whole text.
 */
export function rewriteText(name: string, createReader: (exchange: Exchange) => TextReader | undefined): NonNullable<Plugin['event']> {
  const rewriting = perExchange(() => ({ open: new Map<number, TextItem>(), calls: [] as StreamEvent[], found: false }));

  return (event, exchange) => {
    if (event.type === 'start' || event.type === 'raw') return;
    const state = rewriting(exchange);
    if (event.type === 'item.delta' && event.channel === 'text' && state.open.get(event.key)?.passes(event.delta) !== false) return;
    const events: StreamEvent[] = [];
    if (event.type === 'end') {
      for (const item of state.open.values()) item.read(item.reader.end(), events);
      if (event.status !== 'failed') for (const call of state.calls) events.push(call);
      state.open.clear();
      return events.length > 0 ? [...events, event] : undefined;
    }
    if (event.type === 'item.added') {
      const reader = event.item.type === 'message' ? createReader(exchange) : undefined;
      if (!reader) return;
      state.open.set(event.key, new TextItem(event.key, event.item as Message, reader, exchange, state.calls));
      return []; // the text may begin with a piece that belongs to another item
    }
    const item = state.open.get(event.key);
    if (!item) return;
    if (event.type === 'item.done') {
      state.open.delete(event.key);
      item.done(event, events);
    } else if (event.type === 'item.delta' && event.channel === 'text') item.text(event, events);
    else item.pass(event, events);
    if (item.split && !state.found) {
      state.found = true;
      exchange.log.info({ plugin: name }, `${name}: turned markup in the text into items of its own`);
    }
    return isSame(event, events) ? undefined : events;
  };
}

function isSame(event: StreamEvent, events: readonly StreamEvent[]): boolean {
  const [only] = events;
  if (events.length !== 1 || !only) return false;
  return only === event || (only.type === 'item.delta' && event.type === 'item.delta' && only.key === event.key && only.delta === event.delta);
}

/** One message of the provider, and the items made of it. */
class TextItem {
  readonly reader: TextReader;
  /** True once something other than text was found. */
  split = false;
  readonly #key: number;
  readonly #message: Message;
  readonly #exchange: Exchange;
  readonly #calls: StreamEvent[];
  #open: { key: number; kind: 'text' | 'reasoning'; item: Item; text: string } | undefined;
  #used = false;
  #streamed = false;
  readonly #tokens = new HeldTokens();
  /** Blank text, which waits for more: on its own it opens no item. */
  readonly #blank = { text: '', reasoning: '' };

  constructor(key: number, message: Message, reader: TextReader, exchange: Exchange, calls: StreamEvent[]) {
    this.#key = key;
    this.#message = message;
    this.reader = reader;
    this.#exchange = exchange;
    this.#calls = calls;
  }

  passes(delta: string): boolean {
    if (this.#open?.kind !== 'text' || this.#open.key !== this.#key || !this.reader.passes(delta)) return false;
    this.#streamed = true;
    this.#open.text += delta;
    return true;
  }

  text({ delta, logprobs }: StreamEvent & { type: 'item.delta' }, events: StreamEvent[]): void {
    this.#streamed = true;
    this.#tokens.add(delta.length, logprobs);
    this.read(this.reader.read(delta), events);
  }

  read(pieces: readonly Piece[], events: StreamEvent[]): void {
    let run = '';
    for (const [at, { type, text, name = '' }] of pieces.entries()) {
      if (type === 'call') this.#call(name, text, events);
      else run += text;
      if (type === 'call' || pieces[at + 1]?.type === type) continue; // one delta for a run of one kind
      this.#write(type, run, events);
      run = '';
    }
  }

  /** Passes on other events of the message: a refusal, an annotation. */
  pass(event: StreamEvent & { key: number }, events: StreamEvent[]): void {
    if (this.#open?.kind !== 'text' && event.type === 'item.delta') this.#begin('text', events);
    if (this.#open?.kind === 'text') events.push(this.#open.key === event.key ? event : { ...event, key: this.#open.key });
  }

  done(event: StreamEvent & { type: 'item.done' }, events: StreamEvent[]): void {
    const message = event.item as Message;
    const text = writtenIn(message);
    if (!this.#streamed && text !== '') this.read(this.reader.read(text), events);
    this.read(this.reader.end(), events);
    if (this.split || (this.#open?.text ?? this.#blank.text) !== text) return this.#close(events, message);
    if (!this.#used) this.#begin('text', events);
    if (this.#blank.text !== '') this.#delta(this.#key, 'text', this.#blank.text, events);
    events.push(event);
  }

  #write(kind: 'text' | 'reasoning', text: string, events: StreamEvent[]): void {
    if (this.#open?.kind !== kind) {
      this.#blank[kind] += text;
      if (text.trim() === '') return;
      this.#begin(kind, events);
      text = this.#blank[kind];
      this.#blank[kind] = '';
    }
    if (!this.#open) return;
    this.#open.text += text;
    this.#delta(this.#open.key, kind, text, events);
  }

  #delta(key: number, channel: 'text' | 'reasoning', delta: string, events: StreamEvent[]): void {
    const logprobs = this.split ? undefined : this.#tokens.take(delta.length);
    events.push({ type: 'item.delta', key, channel, delta, ...(logprobs && { logprobs }) });
  }

  #begin(kind: 'text' | 'reasoning', events: StreamEvent[]): void {
    this.#close(events);
    const own = kind === 'text' && !this.#used;
    const { id: _, ...another } = this.#message;
    const item: Item = kind === 'reasoning' ? { type: 'reasoning', summary: [] } : own ? this.#message : another;
    if (kind === 'text') this.#used = true;
    else this.split = true;
    this.#open = { key: own ? this.#key : this.#exchange.newKey(), kind, item, text: '' };
    events.push({ type: 'item.added', key: this.#open.key, item });
  }

  /** Adds a call. Its `item.done` waits for the end of the answer: half an answer must run nothing. */
  #call(name: string, json: string, events: StreamEvent[]): void {
    this.#close(events);
    this.split = true;
    const key = this.#exchange.newKey();
    const item = { type: 'function_call' as const, call_id: this.#exchange.clock.id('call'), name, arguments: '' };
    events.push({ type: 'item.added', key, item }, { type: 'item.delta', key, channel: 'arguments', delta: json });
    this.#calls.push({ type: 'item.done', key, item: { ...item, arguments: json } });
  }

  #close(events: StreamEvent[], last?: Message): void {
    if (!this.#open) return;
    const { key, kind, item, text } = this.#open;
    this.#open = undefined;
    const others = (typeof last?.content === 'string' ? [] : (last?.content ?? [])).filter((part) => !('text' in part));
    const status = last?.status ? { status: last.status } : {};
    const whole =
      kind === 'reasoning' ? { ...item, content: [{ type: 'reasoning_text', text }] } : { ...item, content: [{ type: 'output_text', text }, ...others] };
    events.push({ type: 'item.done', key, item: { ...whole, ...status } as Item });
  }
}

function writtenIn({ content }: Message): string {
  return typeof content === 'string' ? content : content.map((part) => ('text' in part ? part.text : '')).join('');
}
