import { isDeepStrictEqual } from 'node:util';
import type { Outcome } from './recorded-exchange.ts';
import { eventsOf } from './test-gateway.ts';

type Path = readonly (string | number)[];

/**
 * Returns the paths at which two outcomes differ, such as `upstream.messages[0].role`. List elements that change in
 * the same way share one path, such as `messages[*]`.
 */
export function changedPaths(before: Outcome, after: Outcome): string[] {
  const paths = [...compare(before.upstream, after.upstream, ['upstream']), ...compareAnswers(before.client, after.client)];
  const alike = Map.groupBy(paths, (path) => spell(path, '*'));
  return [...alike].map(([general, [first = [], ...others]]) => (others.some((path) => spell(path) !== spell(first)) ? general : spell(first))).sort();
}

function compareAnswers({ stream: one, ...before }: Outcome['client'], { stream: other, ...after }: Outcome['client']): Path[] {
  const plain = compare(before, after, ['client']);
  if (one === undefined || other === undefined) return one === other ? plain : [...plain, ['client', 'stream']];
  return [...plain, ...compareEvents(eventsOf(one), eventsOf(other))];
}

/** Compares event by event; if one is added or missing, only the end of the answer is comparable. */
function compareEvents(before: { type: string; response?: unknown }[], after: { type: string; response?: unknown }[]): Path[] {
  const sameOrder = isDeepStrictEqual(before.map(typeOf), after.map(typeOf));
  if (sameOrder) return before.flatMap((event, at) => compare(event, after[at], ['client', `[${event.type}]`]));
  return [['client', 'events'], ...compare(before.at(-1)?.response, after.at(-1)?.response, ['client', 'response'])];
}

const typeOf = ({ type }: { type: string }): string => type;

function compare(before: unknown, after: unknown, path: Path): Path[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (Array.isArray(before) && Array.isArray(after))
    return before.length === after.length ? before.flatMap((each, at) => compare(each, after[at], [...path, at])) : [path];
  if (!isRecord(before) || !isRecord(after)) return [path];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => compare(before[key], after[key], [...path, key]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function spell(path: Path, index?: string): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${index ?? key}]` : `${text}${text && !key.startsWith('[') ? '.' : ''}${key}`),
    '',
  );
}
