import type { z } from 'zod';
import type { CanonicalRequest, Item, Tool } from '../../canonical.ts';
import { GatewayError } from '../../errors.ts';
import type { Exchange } from '../../exchange.ts';
import { Body, itemSchema, toolSchema } from './wire.ts';

/** State at a provider, which a translated exchange has none of. */
const STATEFUL = ['conversation', 'prompt', 'background'] as const;

/**
 * Checks a client's body and makes a list of its input; nothing else changes. Throws `missing_parameter`,
 * `invalid_request` or `unsupported_parameter`, naming the field.
 */
export function decodeRequest(body: Record<string, unknown>, exchange: Exchange): CanonicalRequest {
  check(Body, body, ''); // the body itself is kept: zod's copy of a megabyte costs more than the check
  for (const param of STATEFUL) {
    if (body[param]) throw new GatewayError('unsupported_parameter', `${param}: this gateway keeps no such state; send the whole input`, { param });
  }
  const unknown = Object.keys(body).filter((field) => !Object.hasOwn(Body.shape, field));
  if (unknown.length > 0) exchange.log.debug({ fields: unknown }, 'fields left out');
  const request = body as unknown as CanonicalRequest;
  request.input = decodeInput(body['input']);
  checkTools(request.tools ?? [], 'tools');
  if (request.text?.format?.type === 'json_schema' && !request.text.format.schema) missing('text.format.schema');
  if (request.input.length === 0 && !request.instructions && !request.previous_response_id) missing('input');
  return request;
}

function decodeInput(input: unknown): Item[] {
  if (input == null) missing('input');
  if (typeof input === 'string') return [{ type: 'message', role: 'user', content: input }];
  return (input as Record<string, unknown>[]).map((item, at) => {
    if (item['type'] === undefined && 'role' in item) item['type'] = 'message'; // the short form
    const { type } = item;
    if (type === undefined) missing(`input[${at}].type`);
    if (typeof type !== 'string') throw new GatewayError('invalid_request', `input[${at}].type: expected a string`, { param: `input[${at}].type` });
    checkTyped(itemSchema(type), item, `input[${at}]`);
    if (type === 'message') item['content'] ??= '';
    if (type === 'additional_tools' || type === 'tool_search_output') checkTools(item['tools'] as Tool[], `input[${at}].tools`);
    return item as unknown as Item;
  });
}

function checkTools(tools: readonly Tool[], path: string): void {
  for (const [at, tool] of tools.entries()) {
    checkTyped(toolSchema(tool.type), tool, `${path}[${at}]`);
    if (tool.type === 'namespace') checkTools(tool.tools, `${path}[${at}].tools`);
  }
}

function checkTyped(schema: z.ZodType | undefined, value: unknown, path: string): void {
  if (schema) check(schema, value, path);
}

function check(schema: z.ZodType, value: unknown, path: string): void {
  const issue = schema.safeParse(value).error?.issues[0];
  if (!issue) return;
  const deepest = deepestOf(issue);
  const param = joinPath(path, deepest.path);
  if (isMissing(value, deepest)) missing(param);
  throw new GatewayError('invalid_request', `${param || 'body'}: ${deepest.message}`, { param: param || undefined });
}

function missing(param: string): never {
  throw new GatewayError('missing_parameter', `${param}: this field is required`, { param });
}

/** Of a union's branches, the one that got furthest tells what is wrong. */
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
