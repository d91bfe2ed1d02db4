/** Finds markup that a model leaked into its text, wherever the stream is cut. */

import type { CanonicalRequest, FunctionTool } from '../contract/canonical.ts';
import type { Plugin } from '../contract/plugin.ts';
import { parseJson } from './parse-json.ts';
import { perExchange } from './per-exchange.ts';
import { type Piece, rewriteText, type TextReader } from './text-items.ts';
import { withThoughtCalls } from './thought-calls.ts';
import { TypedJson } from './typed-json.ts';

export interface LeakedCall {
  name: string;
  arguments: Record<string, unknown>;
}
/** `more`: undecided. `malformed`: no markup, whatever follows. A longer text must not change a decision. */
export type Markup = 'more' | 'malformed' | { length: number; calls: LeakedCall[] };
export type DeclaredTools = ReadonlyMap<string, FunctionTool>;
export interface CallGrammar {
  /** The beginnings of markup. */
  openers: readonly string[];
  /** Matches a possible end of markup, in time that grows no faster than the text. */
  closer: RegExp;
  /** Parses a text that begins with an opener. */
  parse(text: string, tools: DeclaredTools): Markup;
}

/** Up to this length markup is parsed at every delta, so that the text of a false alarm is shown early. */
const SHORT = 512;
/** The length of the longest closing tag. */
const LONGEST_CLOSER = 64;
/** Long markup is parsed freely so many times, up to this length; after that it must have grown by this factor. */
const OFTEN = 32;
const LONG = 16_384;
const GROWTH = 1.25;
/** So many openers in thoughts may lead nowhere. */
const FALSE_ALARMS = 32;
/** The calls that one text may hold. A client gets several events of 100 characters and more for each. */
const MOST_CALLS = 128;

/** Every marker begins with one of these characters. Most text has none, and passes. */
export function mayMark(text: string): boolean {
  return text.includes('<') || text.includes('◁'); // for every delta, in half the time of a regular expression
}

/**
 * Returns the position of the first marker, or of an end of the text that may still become one. Markers are few and
 * short, and their list is one that lives on: each list is compiled once.
 */
export function findMarker(text: string, markers: readonly string[]): { at: number; marker?: string } {
  if (markers.length === 0 || !mayMark(text)) return { at: text.length };
  const { pattern, longest } = compile(markers);
  // one search for all: a search per marker would read the whole rest of the text for each that does not occur
  const found = pattern.exec(text);
  if (found && found.index <= text.length - longest) return { at: found.index, marker: found[0] };
  const partial = partialMarker(text, markers);
  return found && found.index <= partial ? { at: found.index, marker: found[0] } : { at: partial };
}

/** Returns the position at which the text's end may be the beginning of a marker, or the text's length. */
export function partialMarker(text: string, markers: readonly string[]): number {
  for (let at = Math.max(0, text.length - compile(markers).longest + 1); at < text.length; at++) {
    const rest = text.slice(at);
    if (markers.some((marker) => marker.length > rest.length && marker.startsWith(rest))) return at;
  }
  return text.length;
}

const COMPILED = new WeakMap<readonly string[], { pattern: RegExp; longest: number }>();

function compile(markers: readonly string[]): { pattern: RegExp; longest: number } {
  const known = COMPILED.get(markers);
  if (known) return known;
  const pattern = new RegExp(markers.map((marker) => marker.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('|'));
  const compiled = { pattern, longest: Math.max(...markers.map(({ length }) => length)) };
  COMPILED.set(markers, compiled);
  return compiled;
}

/** Turns calls that leaked into text into function calls: only whole ones, and only of declared tools. */
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
    event: withThoughtCalls(name, (thoughts, exchange) => callsAtEnd(thoughts, grammar, declared(exchange)), event),
  };
}

/** Returns the whole calls with which a text ends; nothing if it ends otherwise. */
function callsAtEnd(text: string, grammar: CallGrammar, tools: DeclaredTools): LeakedCall[] {
  let calls: LeakedCall[] = [];
  let rest = text;
  for (let failed = 0; failed < FALSE_ALARMS; ) {
    const { at, marker } = findMarker(rest, grammar.openers);
    if (rest.slice(0, at).trim() !== '') calls = [];
    rest = rest.slice(at);
    if (marker === undefined) return rest === '' ? calls : [];
    const markup = grammar.parse(rest, tools);
    const isWhole = typeof markup === 'object' && markup.calls.every((call) => tools.has(call.name));
    calls = isWhole ? [...calls, ...markup.calls] : [];
    if (!isWhole) failed++;
    rest = rest.slice(isWhole ? markup.length : marker.length);
  }
  return [];
}

function callable({ tools, tool_choice: choice }: CanonicalRequest): FunctionTool[] {
  return choice === 'none' ? [] : (tools ?? []).filter((tool): tool is FunctionTool => tool.type === 'function');
}

/** Reads a leaked parameter: as text if its place may hold text, else as JSON if it is that. */
export function argumentOf(text: string, tool: FunctionTool | undefined, property: string): unknown {
  if (!tool?.parameters || new TypedJson(tool.parameters).mayHoldText(property)) return text;
  return parseJson(text) ?? text;
}

class CallReader implements TextReader {
  readonly #grammar: CallGrammar;
  readonly #tools: DeclaredTools;
  #held = '';
  /** The end of the held text: a search of the whole at every delta would be slow. */
  #tail = '';
  #inside = false;
  #readings = 0;
  #readAt = 0;
  #calls = 0;
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
    return this.#disarmed || (this.#held === '' && !mayMark(text));
  }

  /** Parsing at every delta takes quadratic time: long markup is parsed at possible ends, and ever more rarely. */
  #isDue(tail: string): boolean {
    const { length } = this.#held;
    if (length <= SHORT) return true;
    const often = this.#readings <= OFTEN && length <= LONG;
    if (!this.#grammar.closer.test(tail) || (!often && length < this.#readAt * GROWTH)) return false;
    this.#readings++;
    this.#readAt = length;
    return true;
  }

  end(): Piece[] {
    const pieces = this.#disarmed ? [] : this.#scan();
    return this.#take(this.#held.length, pieces);
  }

  #scan(): Piece[] {
    const pieces: Piece[] = [];
    for (;;) {
      const { at, marker } = findMarker(this.#held, this.#grammar.openers);
      this.#take(at, pieces);
      this.#inside = marker !== undefined;
      if (!this.#inside) return pieces;
      const markup = this.#grammar.parse(this.#held, this.#tools);
      if (markup === 'more') return pieces;
      if (markup === 'malformed') return this.#disarm(pieces);
      this.#readings = 0;
      this.#readAt = 0;
      const known = markup.calls.every((call) => this.#tools.has(call.name));
      if (known) this.#calls += markup.calls.length;
      if (this.#calls > MOST_CALLS) return this.#disarm(pieces);
      this.#take(markup.length, known ? [] : pieces);
      if (known) for (const call of markup.calls) pieces.push({ type: 'call', name: call.name, text: JSON.stringify(call.arguments) });
    }
  }

  /** Treats all that follows as text: calls inside broken markup must not run. */
  #disarm(pieces: Piece[]): Piece[] {
    this.#disarmed = true;
    return this.#take(this.#held.length, pieces);
  }

  #take(length: number, pieces: Piece[]): Piece[] {
    const text = this.#held.slice(0, length);
    this.#held = this.#held.slice(length);
    if (text !== '') pieces.push({ type: 'text', text });
    return pieces;
  }
}
