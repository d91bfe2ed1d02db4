import { isDeepStrictEqual } from 'node:util';
import { parse } from 'smol-toml';

/** A table's head, a key with its value, or a line without either; `start` to `end` spans whole lines. */
interface Statement {
  kind: 'head' | 'key' | 'blank';
  /** From the root, so that every way to write a key is found: `a.b = 1`, `b = 1` under `[a]`. */
  path: readonly string[];
  start: number;
  end: number;
  /** Start and end of a key's value. */
  value: readonly [number, number];
}

/**
 * Merges the top-level keys and the tables of `added` into a TOML text. A key's value is replaced in place; a table is
 * replaced as a block, with the tables below it; everything else stays byte for byte, and so do keys and tables with
 * equal contents. Throws the parser's error for invalid TOML, and an error if a table stands where it cannot be
 * replaced.
 */
export function mergeToml(text: string, added: string): string {
  const [wanted, ours] = [parse(text), parse(added)];
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  let merged = text;
  for (const { path, lines } of partsOf(added)) {
    const value = at(ours, path);
    if (isDeepStrictEqual(at(wanted, path), value)) continue;
    put(wanted, path, value);
    const written = lines.replaceAll('\n', newline);
    merged = path.length === 1 ? setKey(merged, path, written, newline) : setTable(merged, path, written, newline);
  }
  if (!isDeepStrictEqual(parse(merged), wanted)) throw new Error('it is written in a way that cannot be edited line by line');
  return merged;
}

/** Top-level keys, and tables with their contents. */
function partsOf(text: string): { path: readonly string[]; lines: string }[] {
  const statements = statementsOf(text).filter(({ kind }) => kind !== 'blank');
  const heads = statements.filter(({ kind }) => kind === 'head');
  const keys = statements.filter(({ start }) => start < (heads[0]?.start ?? text.length));
  const tables = heads.map(({ path, start }, index) => ({ path, lines: `${text.slice(start, heads[index + 1]?.start).trimEnd()}\n` }));
  return [...keys.map(({ path, start, end }) => ({ path, lines: `${text.slice(start, end).trimEnd()}\n` })), ...tables];
}

/** Sets a key in place, else after the last top-level key, else above the first table and the comments on it. */
function setKey(text: string, path: readonly string[], line: string, newline: string): string {
  const statements = statementsOf(text);
  const first = statements.find(({ kind }) => kind === 'head')?.start ?? text.length;
  const keys = statements.filter(({ kind, start }) => kind === 'key' && start < first);
  const found = keys.find((key) => isDeepStrictEqual(key.path, path));
  if (found) return splice(text, ...found.value, line.slice(line.indexOf('=') + 1).trim());
  const last = keys.at(-1);
  if (last) return splice(text, last.end, last.end, endLine(text.slice(0, last.end), newline) + line);
  if (first === text.length) return text + endLine(text, newline) + line;
  const above = statements.filter(({ start }) => start < first).findLast(({ start, end }) => text.slice(start, end).trim() === '')?.end ?? 0;
  return splice(text, above, above, line + newline);
}

/** Replaces the first block of a table, or appends the table. */
function setTable(text: string, path: readonly string[], lines: string, newline: string): string {
  const statements = statementsOf(text);
  const ours = statements.filter((statement) => statement.kind !== 'blank' && startsWith(statement.path, path));
  const place = ours.find(({ kind }) => kind === 'head')?.start;
  const blanks = statements.filter(({ kind }) => kind === 'blank');
  const between = (blank: Statement) => ours.some(({ end }) => end <= blank.start) && isInside(blank, statements, ours);
  let left = text;
  for (const { start, end } of [...ours, ...blanks.filter(between)].sort((a, b) => b.start - a.start)) {
    left = splice(left, start, end, start === place ? lines : '');
  }
  if (place !== undefined) return left;
  const gap = left.trim() === '' ? '' : endLine(left, newline) + newline;
  return left + gap + lines;
}

/** True if the statements before and after, comments aside, belong to the same table or one below. */
function isInside(blank: Statement, statements: readonly Statement[], ours: readonly Statement[]): boolean {
  const others = statements.filter(({ kind }) => kind !== 'blank');
  const before = others.findLast(({ end }) => end <= blank.start);
  const after = others.find(({ start }) => start >= blank.end);
  return before !== undefined && after !== undefined && ours.includes(before) && ours.includes(after);
}

const splice = (text: string, start: number, end: number, put: string): string => text.slice(0, start) + put + text.slice(end);
const endLine = (text: string, newline: string): string => (text === '' || text.endsWith('\n') ? '' : newline);
const startsWith = (path: readonly string[], start: readonly string[]): boolean => start.every((name, index) => path[index] === name);

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((table, name) => (typeof table === 'object' && table !== null ? Reflect.get(table, name) : undefined), value);
}

/** Sets a value as `added` has it, for comparison. */
function put(table: object, path: readonly string[], value: unknown): void {
  const [name = '', ...below] = path;
  if (below.length > 0 && typeof Reflect.get(table, name) !== 'object') Reflect.set(table, name, parse(''));
  if (below.length > 0) put(Reflect.get(table, name), below, value);
  else Reflect.set(table, name, value);
}

const STRINGS = `"""(?:[^\\\\]|\\\\[^])*?"{3,5}|'''[^]*?'{3,5}|"(?:[^"\\\\\\n]|\\\\.)*"|'[^'\\n]*'`;
const KEY = /[ \t]*((?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^"'=#[\n])+)=[ \t]*/y;
const HEAD = /[ \t]*(\[(?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^"'#\n])*\])[^\n]*(?:\n|$)/y;
const LINE = /[^\n]*(?:\n|$)/y;
const TOKEN = new RegExp(`${STRINGS}|#[^\\n]*|[\\[{]|[\\]}]|\\n|[^"'#\\[\\]{}\\n]+`, 'y');

/** The statements of a text that is valid TOML. */
function statementsOf(text: string): Statement[] {
  const statements: Statement[] = [];
  let table: readonly string[] = [];
  for (let start = 0; start < text.length; ) {
    const head = match(HEAD, text, start);
    const key = head ? undefined : match(KEY, text, start);
    const value: readonly [number, number] = key ? [start + key[0].length, valueEnd(text, start + key[0].length)] : [start, start];
    const end = head ? start + head[0].length : value[1] + (match(LINE, text, value[1])?.[0].length ?? 0);
    if (head) table = pathOf(head[1] ?? '');
    statements.push({ kind: head ? 'head' : key ? 'key' : 'blank', path: key ? [...table, ...pathOf(`${key[1]}= 0`)] : table, start, end, value });
    start = end;
  }
  return statements;
}

/** The names in a head or a key, quoted or not. */
function pathOf(line: string): string[] {
  const names: string[] = [];
  for (let value: unknown = parse(line); ; ) {
    const [entry] = Object.entries((Array.isArray(value) ? value[0] : value) as object);
    if (!entry) return names;
    names.push(entry[0]);
    value = entry[1];
  }
}

function valueEnd(text: string, start: number): number {
  let end = start;
  for (let at = start, depth = 0; at < text.length; ) {
    const [token = ''] = match(TOKEN, text, at) ?? [];
    if (token === '' || (token === '\n' && depth === 0)) break;
    if (token === '[' || token === '{') depth++;
    if (token === ']' || token === '}') depth--;
    at += token.length;
    if (!token.startsWith('#') && token.trim() !== '') end = at - (token.length - token.trimEnd().length);
  }
  return end;
}

function match(pattern: RegExp, text: string, start: number): RegExpExecArray | null {
  pattern.lastIndex = start;
  return pattern.exec(text);
}
