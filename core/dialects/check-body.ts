import type { z } from 'zod';
import { GatewayError } from '../contract/errors.ts';

/**
 * Throws `missing_parameter` or `invalid_request` for an invalid value of a client, naming the field: `path` is where
 * the value stands, `join` spells the path of a field inside it as the dialect does.
 */
export function checkBody(schema: z.ZodType, value: unknown, path = '', join = joinPath): void {
  const issue = schema.safeParse(value).error?.issues[0];
  if (!issue) return;
  const deepest = deepestOf(issue);
  const param = join(path, deepest.path);
  if (isMissing(value, deepest)) missing(param);
  throw new GatewayError('invalid_request', `${param || 'body'}: ${deepest.message}`, { param: param || undefined });
}

/** Throws `missing_parameter` for a required field. */
export function missing(param: string): never {
  throw new GatewayError('missing_parameter', `${param}: this field is required`, { param });
}

/** Picks the issue of the branch that got furthest in a union: it names the mistake best. */
function deepestOf(issue: z.core.$ZodIssue): { path: PropertyKey[]; message: string; code: string } {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue;
  const branches = issue.errors.flatMap(([first]) => (first ? [deepestOf(first)] : []));
  const best = branches.reduce<(typeof branches)[number] | undefined>(
    (deepest, each) => (each.path.length > (deepest?.path.length ?? 0) ? each : deepest),
    undefined,
  );
  if (best) return { ...best, path: [...issue.path, ...best.path] };
  return { path: issue.path, message: branches.map(({ message }) => message).join(', or '), code: issue.code };
}

function isMissing(value: unknown, { path, code }: { path: PropertyKey[]; code: string }): boolean {
  if (code !== 'invalid_type' && code !== 'invalid_union' && code !== 'invalid_value') return false;
  let at: unknown = value;
  for (const key of path) at = typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined;
  return at === undefined;
}

function joinPath(base: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>((joined, key) => (typeof key === 'number' ? `${joined}[${key}]` : joined ? `${joined}.${String(key)}` : String(key)), base);
}
