import type { Plugin } from '../core/contract/plugin.ts';
import { argumentOf, type CallGrammar, type DeclaredTools, type LeakedCall, leakedCalls, type Markup } from '../core/kit/marker-scanner.ts';

/** DeepSeek V3.2 and V4 Pro write one full-width bar, V4 Flash two; some hosts turn them into ASCII. */
const BARS = ['｜', '｜｜', '|', '||'];
const TAGS = ['tool_calls', 'function_calls', 'invoke'];
const ATTRIBUTE = /\s+([\w-]+)\s*=\s*"([^"\\]*(?:\\[\s\S][^"\\]*)*)"/gy;
const TAG = /^<(\/?)([｜|]{1,2})DSML([｜|]{1,2})(tool_calls|function_calls|invoke|parameter)((?:\s+[\w-]+\s*=\s*"[^"\\]*(?:\\[\s\S][^"\\]*)*")*)\s*(\/?)>$/;
/** Text other than blanks right behind a tag's name means that the model writes about the tag. */
const NO_TAG = /^<\/?[｜|]+DSML[｜|]+\w+[^\s\w/>]/;
const ANY_TAG = /<\/?[｜|]{1,2}DSML[｜|]/g;
const ENTITIES: Record<string, string> = { '&quot;': '"', '&apos;': "'", '&lt;': '<', '&gt;': '>', '&amp;': '&' };

/**
 * Turns tool calls that DeepSeek leaks into its text as DSML markup into function calls, if the markup is complete and
 * the tool is declared.
 */
export function dsmlCalls(): Plugin {
  const openers = BARS.flatMap((bars) => TAGS.map((tag) => `<${bars}DSML${bars}${tag}`));
  const grammar: CallGrammar = { openers, closer: />/, parse: (text, tools) => new DsmlParser(text, tools).markup() };
  return { name: 'dsml-calls', upstream: 'chat', ...leakedCalls('dsml-calls', grammar) };
}

interface Tag {
  kind: 'open' | 'close' | 'whole';
  name: string;
  attributes: Map<string, string>;
}
class Undecided extends Error {}
class Malformed extends Error {}

/** Reads one block, or one call outside a block; only blanks may stand between tags. */
class DsmlParser {
  readonly #text: string;
  readonly #tools: DeclaredTools;
  #at = 0;

  constructor(text: string, tools: DeclaredTools) {
    this.#text = text;
    this.#tools = tools;
  }

  markup(): Markup {
    try {
      const calls = this.#block();
      return { length: this.#at, calls };
    } catch (thrown) {
      if (thrown instanceof Undecided) return 'more';
      if (thrown instanceof Malformed) return 'malformed';
      throw thrown;
    }
  }

  #block(): LeakedCall[] {
    const first = this.#tag();
    if (first.name === 'invoke') return [this.#call(first)];
    if (first.kind !== 'open' || first.attributes.size > 0) throw new Malformed();
    const calls: LeakedCall[] = [];
    for (;;) {
      const tag = this.#tag();
      if (tag.kind === 'close' && tag.name === first.name && calls.length > 0) return calls;
      calls.push(this.#call(tag));
    }
  }

  #call(tag: Tag): LeakedCall {
    const name = tag.attributes.get('name');
    if (tag.name !== 'invoke' || tag.kind === 'close' || !name || tag.attributes.size > 1) throw new Malformed();
    const values = new Map<string, unknown>();
    while (tag.kind === 'open') {
      const next = this.#tag();
      if (next.kind === 'close' && next.name === 'invoke') break;
      const property = next.attributes.get('name');
      if (next.kind === 'close' || !property || values.has(property)) throw new Malformed();
      values.set(property, this.#value(next, name, property));
    }
    return { name, arguments: Object.fromEntries(values) };
  }

  /**
   * A tag without a body holds its value in the attribute `string`; with a body, the attribute marks whether that is a
   * string. V4 Flash calls the former `invoke` too.
   */
  #value({ kind, name, attributes }: Tag, call: string, property: string): unknown {
    const tool = this.#tools.get(call);
    const string = attributes.get('string');
    if (kind === 'whole') {
      if (string === undefined) throw new Malformed();
      return argumentOf(string, tool, property);
    }
    if (name !== 'parameter') throw new Malformed();
    const body = this.#body();
    if (string === 'true') return body;
    if (string === undefined) return argumentOf(body, tool, property);
    if (string !== 'false') throw new Malformed();
    return json(body);
  }

  /**
   * Returns the text up to the closing tag, unchanged. Another tag before it means that the model writes about DSML.
   */
  #body(): string {
    ANY_TAG.lastIndex = this.#at;
    const next = ANY_TAG.exec(this.#text);
    if (!next) throw new Undecided();
    const body = this.#text.slice(this.#at, next.index);
    this.#at = next.index;
    const { kind, name } = this.#tag();
    if (kind !== 'close' || name !== 'parameter') throw new Malformed();
    return body;
  }

  #tag(): Tag {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
    if (this.#at === this.#text.length) throw new Undecided();
    if (this.#text[this.#at] !== '<') throw new Malformed();
    const end = endOfTag(this.#text, this.#at);
    if (end === undefined) throw NO_TAG.test(this.#text.slice(this.#at)) ? new Malformed() : new Undecided();
    const [, slash, before, after, name = '', attributes = '', whole] = TAG.exec(this.#text.slice(this.#at, end)) ?? [];
    if (name === '' || before !== after || (slash && (whole || attributes))) throw new Malformed();
    this.#at = end;
    return { kind: slash ? 'close' : whole ? 'whole' : 'open', name, attributes: attributesIn(attributes) };
  }
}

/** Returns the position behind the first `>` outside quotes. */
function endOfTag(text: string, from: number): number | undefined {
  let quoted = false;
  for (let at = from; at < text.length; at++) {
    if (quoted && text[at] === '\\') at++;
    else if (text[at] === '"') quoted = !quoted;
    else if (text[at] === '>' && !quoted) return at + 1;
  }
  return undefined;
}

function attributesIn(text: string): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name = '', value = ''] of text.matchAll(ATTRIBUTE)) {
    if (attributes.has(name)) throw new Malformed();
    attributes.set(name, unescaped(value));
  }
  return attributes;
}

/** Backslashes are literal, as in Windows paths, unless the value escapes its quotes with them. */
function unescaped(value: string): string {
  const plain = value.includes('\\"') ? value.replaceAll(/\\(["\\])/g, '$1') : value;
  return plain.replaceAll(/&(?:quot|apos|lt|gt|amp);/g, (entity) => ENTITIES[entity] ?? entity);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Malformed();
  }
}
