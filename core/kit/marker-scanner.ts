/** Finds markup that a model leaked into its text, wherever the stream is cut. */
import type { CanonicalRequest, FunctionTool } from '../contract/canonical.ts';
import type { Plugin } from '../contract/plugin.ts';
import { perExchange } from './per-exchange.ts';
import { type Piece, rewriteText, type TextReader } from './text-items.ts';

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
export function mayMark(text: string): boolean {
  return text.includes('<') || text.includes('◁'); // half the time of a pattern, for every delta
}

/** Where the first of the markers stands, or else where a text ends that may still become one. */
export function findMarker(text: string, markers: readonly string[]): { at: number; marker?: string } {
  if (!mayMark(text)) return { at: text.length };
  let found: { at: number; marker: string } | undefined;
  for (const marker of markers) {
    const at = text.indexOf(marker);
    if (at >= 0 && (!found || at < found.at)) found = { at, marker };
  }
  const partial = partialMarker(text, markers);
  return found && found.at <= partial ? found : { at: partial };
}

/** Where a text ends in what may be the beginning of a marker; its length where it does not. */
export function partialMarker(text: string, markers: readonly string[]): number {
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
    return this.#disarmed || (this.#held === '' && !mayMark(text));
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
