/** Finds markup that a model leaked into its text, wherever the stream is cut, and gives what it meant items of its own. */
import type { CanonicalRequest, FunctionTool, Item, Message, StreamEvent } from './canonical.ts';
import { type Exchange, perExchange } from './exchange.ts';
import type { Plugin } from './plugin.ts';

/** A part of a text: to be shown, thought, or called. */
export type Piece = { type: 'text' | 'reasoning' | 'call'; text: string; name?: string };

/** Reads the text of one item. The pieces must not depend on how the text was cut. */
export interface TextReader {
  read(text: string): Piece[];
  /** Takes note of a text that is shown as it is, as nearly all are; false where it has to be read. */
  passes(text: string): boolean;
  /** What was held back, once nothing can follow. */
  end(): Piece[];
}

export interface LeakedCall {
  name: string;
  arguments: Record<string, unknown>;
}
/** `more`: not decided yet. `malformed`: whatever follows, it is none. Decided once, a longer text must not change it. */
export type Markup = 'more' | 'malformed' | { length: number; calls: LeakedCall[] };
export type DeclaredTools = ReadonlyMap<string, FunctionTool>;
export interface CallGrammar {
  /** How markup begins. */
  openers: readonly string[];
  /** How it may end. */
  closer: RegExp;
  /** Of a text that begins with an opener. */
  parse(text: string, tools: DeclaredTools): Markup;
}

/** Up to here markup is read at every delta, so that a false alarm is told early. */
const SHORT = 512;
/** No closing tag is longer. */
const LONGEST_CLOSER = 64;
/** So many readings of long markup are free; from then on it must have grown by so much. */
const OFTEN = 32;
const GROWTH = 1.25;

/** Every marker begins with one of these: most text is passed on after this look. */
export const MARKER_START = /[<◁]/;

/** Where the first of the markers stands, or else where a text ends that may still become one. */
export function findMarker(text: string, markers: readonly string[]): { at: number; marker?: string } {
  if (!MARKER_START.test(text)) return { at: text.length };
  let found: { at: number; marker: string } | undefined;
  for (const marker of markers) {
    const at = text.indexOf(marker);
    if (at >= 0 && (!found || at < found.at)) found = { at, marker };
  }
  const partial = partialMarker(text, markers);
  return found && found.at <= partial ? found : { at: partial };
}

function partialMarker(text: string, markers: readonly string[]): number {
  const longest = Math.max(...markers.map(({ length }) => length));
  for (let at = Math.max(0, text.length - longest + 1); at < text.length; at++) {
    const rest = text.slice(at);
    if (markers.some((marker) => marker.length > rest.length && marker.startsWith(rest))) return at;
  }
  return text.length;
}

/** Turns calls that leaked into text, in this grammar, into function calls: of declared tools only, and only what is whole. */
export function leakedCalls(name: string, grammar: CallGrammar): Pick<Plugin, 'request' | 'event'> {
  const declared = perExchange(() => new Map<string, FunctionTool>());
  const event = rewriteText(name, (exchange) => {
    const tools = declared(exchange);
    return tools.size > 0 ? new CallReader(grammar, tools) : undefined;
  });
  return {
    request(request, exchange) {
      for (const tool of callable(request)) declared(exchange).set(tool.name, tool);
    },
    event,
  };
}

function callable({ tools, tool_choice: choice }: CanonicalRequest): FunctionTool[] {
  return choice === 'none' ? [] : (tools ?? []).filter((tool): tool is FunctionTool => tool.type === 'function');
}

/** The value that a leaked parameter stands for: JSON where it is declared, not as a string, and is JSON. */
export function argumentOf(text: string, tool: FunctionTool | undefined, property: string): unknown {
  const properties = tool?.parameters?.['properties'] as Record<string, DeclaredType | undefined> | undefined;
  const declared = properties && Object.hasOwn(properties, property) ? properties[property] : undefined;
  if (!declared || mayBeString(declared)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

interface DeclaredType {
  type?: string | string[];
  anyOf?: DeclaredType[];
  oneOf?: DeclaredType[];
}

function mayBeString({ type, anyOf = [], oneOf = [] }: DeclaredType): boolean {
  return [type, ...anyOf.map((each) => each.type), ...oneOf.map((each) => each.type)].flat().includes('string');
}

class CallReader implements TextReader {
  readonly #grammar: CallGrammar;
  readonly #tools: DeclaredTools;
  #held = '';
  /** What it ends with: to look at the whole at every delta would be slow. */
  #tail = '';
  #inside = false;
  #readings = 0;
  #readAt = 0;
  #disarmed = false;

  constructor(grammar: CallGrammar, tools: DeclaredTools) {
    this.#grammar = grammar;
    this.#tools = tools;
  }

  read(text: string): Piece[] {
    if (this.#disarmed) return [{ type: 'text', text }];
    this.#held += text;
    const tail = this.#tail + text;
    this.#tail = tail.slice(-LONGEST_CLOSER);
    return this.#inside && !this.#isDue(tail) ? [] : this.#scan();
  }

  passes(text: string): boolean {
    return this.#disarmed || (this.#held === '' && !MARKER_START.test(text));
  }

  /** Reading it anew each time would take for ever: it is read where it may end, and ever more seldom. */
  #isDue(tail: string): boolean {
    const { length } = this.#held;
    if (length <= SHORT) return true;
    if (!this.#grammar.closer.test(tail) || (this.#readings > OFTEN && length < this.#readAt * GROWTH)) return false;
    this.#readings++;
    this.#readAt = length;
    return true;
  }

  end(): Piece[] {
    const pieces = this.#disarmed ? [] : this.#scan();
    return [...pieces, ...this.#take(this.#held.length)];
  }

  #scan(): Piece[] {
    const pieces: Piece[] = [];
    for (;;) {
      const { at, marker } = findMarker(this.#held, this.#grammar.openers);
      pieces.push(...this.#take(at));
      this.#inside = marker !== undefined;
      if (!this.#inside) return pieces;
      const markup = this.#grammar.parse(this.#held, this.#tools);
      if (markup === 'more') return pieces;
      if (markup === 'malformed') return this.#disarm(pieces);
      this.#readings = 0;
      const block = this.#take(markup.length);
      const known = markup.calls.every((call) => this.#tools.has(call.name));
      if (!known) pieces.push(...block);
      else pieces.push(...markup.calls.map((call) => ({ type: 'call' as const, name: call.name, text: JSON.stringify(call.arguments) })));
    }
  }

  /** What stands inside broken markup must not run either: all that follows is text. */
  #disarm(pieces: Piece[]): Piece[] {
    this.#disarmed = true;
    return [...pieces, ...this.#take(this.#held.length)];
  }

  #take(length: number): Piece[] {
    const text = this.#held.slice(0, length);
    this.#held = this.#held.slice(length);
    return text === '' ? [] : [{ type: 'text', text }];
  }
}

/** An `event` handler that reads the text of every message, and puts the pieces a reader makes of it into items of their own. */
export function rewriteText(name: string, createReader: (exchange: Exchange) => TextReader | undefined): NonNullable<Plugin['event']> {
  const rewriting = perExchange(() => ({ open: new Map<number, TextItem>(), calls: [] as StreamEvent[], found: false }));

  return (event, exchange) => {
    if (event.type === 'start' || event.type === 'raw') return;
    const state = rewriting(exchange);
    if (event.type === 'item.delta' && event.channel === 'text' && state.open.get(event.key)?.passes(event.delta) !== false) return;
    const events: StreamEvent[] = [];
    if (event.type === 'end') {
      for (const item of state.open.values()) item.read(item.reader.end(), events);
      if (event.status !== 'failed') events.push(...state.calls);
      state.open.clear();
      return events.length > 0 ? [...events, event] : undefined;
    }
    if (event.type === 'item.added') {
      const reader = event.item.type === 'message' ? createReader(exchange) : undefined;
      if (!reader) return;
      state.open.set(event.key, new TextItem(event.key, event.item as Message, reader, exchange, state.calls));
      return []; // what it begins with may belong to another item
    }
    const item = state.open.get(event.key);
    if (!item) return;
    if (event.type === 'item.done') {
      state.open.delete(event.key);
      item.done(event, events);
    } else if (event.type === 'item.delta' && event.channel === 'text') item.text(event.delta, events);
    else item.pass(event, events);
    if (item.split && !state.found) {
      state.found = true;
      exchange.log.info({ plugin: name }, `${name}: markup in the text was made into items of its own`);
    }
    return isSame(event, events) ? undefined : events;
  };
}

function isSame(event: StreamEvent, events: readonly StreamEvent[]): boolean {
  const [only] = events;
  if (events.length !== 1 || !only) return false;
  return only === event || (only.type === 'item.delta' && event.type === 'item.delta' && only.key === event.key && only.delta === event.delta);
}

/** One message of the provider, as the items that are made of it. */
class TextItem {
  readonly reader: TextReader;
  /** Something else than text was found. */
  split = false;
  readonly #key: number;
  readonly #message: Message;
  readonly #exchange: Exchange;
  readonly #calls: StreamEvent[];
  #open: { key: number; kind: 'text' | 'reasoning'; item: Item; text: string } | undefined;
  #used = false;
  #streamed = false;
  /** What is blank opens no item: it waits for what follows. */
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

  text(delta: string, events: StreamEvent[]): void {
    this.#streamed = true;
    this.read(this.reader.read(delta), events);
  }

  read(pieces: readonly Piece[], events: StreamEvent[]): void {
    for (const { type, text, name = '' } of pieces) {
      if (type === 'call') this.#call(name, text, events);
      else this.#write(type, text, events);
    }
  }

  /** A refusal, an annotation. */
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
    if (this.#blank.text !== '') events.push({ type: 'item.delta', key: this.#key, channel: 'text', delta: this.#blank.text });
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
    events.push({ type: 'item.delta', key: this.#open.key, channel: kind, delta: text });
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

  /** As with any other call, it is done only when the answer is: half an answer must run nothing. */
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
