import { type ErrorCode, GatewayError } from '../contract/errors.ts';
import type { ProviderFailure } from '../contract/plugin.ts';
import { type Headers, retryAfterOf } from './retry-after.ts';

const OVERFLOW =
  /prompt is too long|prompt exceeds max length|exceeds the context window|maximum prompt length|maximum context length|reduce the length of the messages|exceeds the available context size|context size has been exceeded|exceeded model token limit|context_length_exceeded/i;
const QUOTA = new Set(['insufficient_quota', 'quota_exceeded', 'billing_error', 'usage_limit_reached', 'usage_not_included']);
const OVERLOAD = new Set(['server_is_overloaded', 'overloaded_error', 'slow_down', 'engine_overloaded_error']);
/** Codes to trust more than a status of 500 and above: an error inside a stream has no status of its own. */
const BY_WORD = new Map<string, ErrorCode>([
  ['rate_limit_exceeded', 'rate_limited'],
  ['rate_limit_error', 'rate_limited'],
  ['invalid_api_key', 'upstream_authentication'],
  ['authentication_error', 'upstream_authentication'],
  ['permission_error', 'upstream_permission'],
  ['model_not_found', 'model_not_found'],
  ['not_found_error', 'model_not_found'],
  ['request_too_large', 'body_too_large'],
  ['timeout_error', 'upstream_timeout'],
  ['invalid_request_error', 'invalid_request'],
]);
const FILTER = new Set(['content_filter', 'content_policy_violation', 'data_inspection_failed', 'invalid_prompt', 'cyber_policy']);
const SHORTEST_RETRY = 1;

/** The facts about a refusal besides its body. */
interface Head {
  headers: Headers;
  /** Milliseconds since 1970. */
  now: number;
}

/**
 * Reads a refusal, or an error object in a stream, in any known shape: `{error:{message,type,param,code}}`,
 * `{error:"…",code}`, `{detail}`, `{message:{detail}}`, `[{error}]`, `{response:{error}}`, `{message}` and
 * `{code,msg}`. Copies nothing from other shapes.
 */
export function readFailure(status: number, body: unknown, head?: Head): ProviderFailure {
  const root = record(Array.isArray(body) ? body[0] : body);
  const inner = [root['error'], record(root['response'])['error']].map(record).find((error) => Object.keys(error).length > 0) ?? root;
  const details = root['detail'] ?? record(root['message'])['detail'];
  const detail = Array.isArray(details) ? record(details[0]) : { msg: details };
  const message = [inner['message'], root['error'], detail['msg'], inner['msg']].find((text) => typeof text === 'string') as string | undefined;
  const code = word(inner['code']);
  const type = word(inner['type']) ?? (typeof inner['status'] === 'string' ? inner['status'] : undefined);
  const param = word(inner['param']) ?? placeOf(detail['loc']);
  const ownStatus = Number(inner['status_code'] ?? inner['code']); // some providers put the status into `code`
  const retryAfter = retryAfterOf({ ...head, error: inner, message });
  return {
    status: status < 400 ? (ownStatus >= 400 && ownStatus < 600 ? ownStatus : 502) : status,
    ...(message && { message }),
    ...(code && { code }),
    ...(type && { type }),
    ...(param && { param }),
    ...(retryAfter !== undefined && { retryAfter }),
    body,
  };
}

/** Turns a failure into an error with one of the gateway's codes. */
export function failureToError(failure: ProviderFailure): GatewayError {
  const {
    status,
    message = status === 404 ? 'the provider does not know this model or path (HTTP 404)' : `the provider answered HTTP ${status}`,
    param,
  } = failure;
  const code = codeOf(failure, message);
  const retryAfter =
    code === 'rate_limited' ? Math.max(SHORTEST_RETRY, failure.retryAfter ?? SHORTEST_RETRY) : code === 'quota_exhausted' ? undefined : failure.retryAfter;
  return new GatewayError(code, message, { param, retryAfter, upstreamStatus: status });
}

function codeOf({ status, code = '', type = '', means }: ProviderFailure, message: string): ErrorCode {
  if (means) return means;
  const says = (words: ReadonlySet<string>) => words.has(code) || words.has(type);
  if (says(QUOTA) || status === 402) return 'quota_exhausted';
  if (code === 'context_length_exceeded' || OVERFLOW.test(message)) return 'context_length_exceeded';
  if (says(OVERLOAD)) return 'upstream_overloaded';
  if (says(FILTER)) return 'content_filtered';
  const word = status >= 500 ? (BY_WORD.get(code) ?? BY_WORD.get(type)) : undefined;
  if (word) return word;
  switch (status) {
    case 401:
      return 'upstream_authentication';
    case 403:
      return 'upstream_permission';
    case 404:
      return 'model_not_found';
    case 408:
    case 504:
      return 'upstream_timeout';
    case 413:
      return 'body_too_large';
    case 429:
      return 'rate_limited';
    case 503:
    case 529:
      return 'upstream_overloaded';
  }
  if (status >= 500) return 'upstream_failed';
  return status >= 400 ? 'invalid_request' : 'upstream_protocol';
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function word(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/** Turns `["body", "messages", 3, "name"]` into `messages.3.name`. */
function placeOf(path: unknown): string | undefined {
  return Array.isArray(path) ? path.filter((name, at) => at > 0 || name !== 'body').join('.') : undefined;
}
