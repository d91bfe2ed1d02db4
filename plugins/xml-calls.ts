import type { Plugin } from '../core/contract/plugin.ts';
import { argumentOf, type CallGrammar, type DeclaredTools, type LeakedCall, leakedCalls, type Markup } from '../core/kit/marker-scanner.ts';

const OPENER = '<tool_call>';
const CLOSER = '</tool_call>';
/** A name, and the first character of what follows it. */
const NAME = /\s*([\w.:/-]+)\s*(?=(<)?)/y;
const KEY = '<arg_key>';
const VALUE = '<arg_value>';
const FUNCTION = '<function=';
const FUNCTION_END = '</function>';
const PARAMETER = '<parameter=';
const PARAMETER_END = '</parameter>';
/** The text behind the `=`, as far as it has arrived. */
const TITLE = /([\w.:/-]*)(>)?/y;
/** A value that contains one of these means that the model writes about the markup. */
const NESTED = /<\/?tool_call>|<arg_key>|<arg_value>|<function=|<\/function>|<parameter=/;

/**
 * Turns tool calls that GLM, Qwen and Hermes models leak into their text as `<tool_call>` or `<function=…>` markup
 * into function calls, if the markup is complete and the tool is declared.
 */
export function xmlCalls(): Plugin {
  const grammar: CallGrammar = { openers: [OPENER, FUNCTION], closer: /<\/tool_call>|<\/function>/, parse };
  return { name: 'xml-calls', upstream: 'chat', ...leakedCalls('xml-calls', grammar) };
}

function parse(text: string, tools: DeclaredTools): Markup {
  const wrapped = text.startsWith(OPENER);
  const start = wrapped ? blanksFrom(text, OPENER.length) : 0;
  const body = text[start] === '{' ? parseJson(text, start) : text[start] === '<' ? parseFunction(text, start, tools) : parseKeys(text, start, tools);
  if (typeof body === 'string') return body;
  if (!wrapped) return { length: body.end, calls: [body.call] };
  const next = expect(text, body.end, CLOSER);
  return typeof next === 'string' ? next : { length: next, calls: [body.call] };
}

type Body = 'more' | 'malformed' | { end: number; call: LeakedCall };

/** `{"name": …, "arguments": {…}}` */
function parseJson(text: string, start: number): Body {
  const end = endOfObject(text, start);
  if (end === undefined) return 'more';
  const parsed = objectIn(text.slice(start, end));
  const given = parsed?.['arguments'] ?? parsed?.['parameters'] ?? {};
  const values = typeof given === 'string' ? objectIn(given) : isRecord(given) ? given : undefined;
  if (typeof parsed?.['name'] !== 'string' || parsed['name'] === '' || !values) return 'malformed';
  return { end, call: { name: parsed['name'], arguments: values } };
}

/** Reads a name, then keys and values in turn. */
function parseKeys(text: string, start: number, tools: DeclaredTools): Body {
  NAME.lastIndex = start;
  const named = NAME.exec(text);
  if (!named) return start < text.length ? 'malformed' : 'more';
  const [all, name = '', follows] = named;
  let at = start + all.length;
  if (!follows) return at < text.length ? 'malformed' : 'more';
  const values = new Map<string, unknown>();
  while (!CLOSER.startsWith(text.slice(at, at + CLOSER.length))) {
    const key = element(text, at, KEY);
    if (typeof key === 'string') return key;
    const value = element(text, key.end, VALUE);
    if (typeof value === 'string') return value;
    const property = key.content.trim();
    if (property === '' || values.has(property)) return 'malformed';
    values.set(property, argumentOf(value.content, tools.get(name), property));
    at = blanksFrom(text, value.end);
  }
  return { end: at, call: { name, arguments: Object.fromEntries(values) } };
}

/**
 * Qwen's coder models write `<function=name>`, and each value between `<parameter=key>` and its closing tag, on lines
 * of its own.
 */
function parseFunction(text: string, start: number, tools: DeclaredTools): Body {
  const named = title(text, start, FUNCTION);
  if (typeof named === 'string') return named;
  let at = blanksFrom(text, named.end);
  const values = new Map<string, unknown>();
  while (!text.startsWith(FUNCTION_END, at)) {
    if (FUNCTION_END.startsWith(text.slice(at))) return 'more';
    const key = title(text, at, PARAMETER);
    if (typeof key === 'string') return key;
    const end = text.indexOf(PARAMETER_END, key.end);
    const value = text.slice(key.end, end < 0 ? text.length : end);
    if (NESTED.test(value) || values.has(key.title)) return 'malformed';
    if (end < 0) return 'more';
    values.set(key.title, argumentOf(value.replace(/^\r?\n/, '').replace(/\r?\n$/, ''), tools.get(named.title), key.title));
    at = blanksFrom(text, end + PARAMETER_END.length);
  }
  return { end: at + FUNCTION_END.length, call: { name: named.title, arguments: Object.fromEntries(values) } };
}

function title(text: string, from: number, opener: string): 'more' | 'malformed' | { end: number; title: string } {
  const start = expect(text, from, opener);
  if (typeof start === 'string') return start;
  TITLE.lastIndex = start;
  const [all = '', title = '', closed] = TITLE.exec(text) ?? [];
  if (!closed) return start + all.length < text.length ? 'malformed' : 'more';
  return title === '' ? 'malformed' : { end: start + all.length, title };
}

function element(text: string, from: number, opener: string): 'more' | 'malformed' | { end: number; content: string } {
  const start = expect(text, from, opener);
  if (typeof start === 'string') return start;
  const closer = `</${opener.slice(1)}`;
  const end = text.indexOf(closer, start);
  const content = text.slice(start, end < 0 ? text.length : end);
  if (NESTED.test(content)) return 'malformed';
  return end < 0 ? 'more' : { end: end + closer.length, content };
}

function expect(text: string, from: number, tag: string): 'more' | 'malformed' | number {
  const at = blanksFrom(text, from);
  if (text.startsWith(tag, at)) return at + tag.length;
  return tag.startsWith(text.slice(at)) ? 'more' : 'malformed';
}

function blanksFrom(text: string, from: number): number {
  let at = from;
  while (/\s/.test(text[at] ?? '')) at++;
  return at;
}

function endOfObject(text: string, start: number): number | undefined {
  let depth = 0;
  let quoted = false;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (quoted && character === '\\') at++;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && character === '{') depth++;
    else if (!quoted && character === '}' && --depth === 0) return at + 1;
  }
  return undefined;
}

function objectIn(json: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(json);
    return isRecord(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
