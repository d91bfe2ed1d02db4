import { type ErrorCode, GatewayError } from '../contract/errors.ts';
import type { ProviderFailure } from '../contract/plugin.ts';
import { parseJson } from '../kit/parse-json.ts';
import { meaningOf } from './meanings.ts';
import { type Headers, retryAfterOf } from './retry-after.ts';
import { tokenNumbers } from './token-numbers.ts';

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
/** Fields that hold a message, or an object or list with one, the most telling first. */
const MESSAGE_FIELDS = ['message', 'error_description', 'msg', 'status_msg', 'error_msg', 'error_message', 'errorMessage', 'Message', 'faultstring', 'detail'];
const HOLDERS = ['error', 'detail', 'details', 'message', 'errors', 'response', 'base_resp', 'fault', 'Error', 'title', 'reason', 'metadata'];
const DEEPEST = 4;
/** Characters of what a provider said that are kept for the log, before secrets are redacted. */
const KEPT = 8_192;

/** The facts about a refusal besides its body. */
interface Head {
  headers: Headers;
  /** Milliseconds since 1970. */
  now: number;
}

/** Reads the body of a refusal: JSON, JSON in an event, or one line of plain text. */
export function readRefusal(status: number, text: string, head: Head): ProviderFailure {
  const type = String(head.headers['content-type'] ?? 'text/plain');
  const [, event = ''] = /^data: ?(.*)$/m.exec(text) ?? [];
  const json = parseJson(event || text);
  if (json !== undefined) return readFailure(status, json, head);
  const line = text.trim();
  const failure = readFailure(status, undefined, head);
  const isMessage = /^text\/plain\b/i.test(type) && line !== '' && !/[\r\n]|^</.test(line);
  return { ...failure, ...(isMessage && { message: line }), ...(text !== '' && { body: text }) };
}

/**
 * Reads a refusal, or an error object in a stream, in any known shape: `{error:{message,type,param,code}}`,
 * `{error:"…",code}`, `{detail}`, `{message:{detail}}`, `[{error}]`, `{response:{error}}`, `{message}`, `{code,msg}`,
 * `{base_resp}` and their like. Copies nothing from other shapes.
 */
export function readFailure(status: number, body: unknown, head?: Head): ProviderFailure {
  const root = record(Array.isArray(body) ? body[0] : body);
  const inner = ['error', 'response', 'base_resp'].map((name) => innerOf(root, name)).find((error) => Object.keys(error).length > 0) ?? root;
  const details = root['detail'] ?? record(root['message'])['detail'];
  const detail = Array.isArray(details) ? record(details[0]) : {};
  const message = messageIn(inner) ?? messageIn(root);
  const code = word(inner['code']) ?? word(inner['status_code']);
  const type = word(inner['type']) ?? (typeof inner['status'] === 'string' ? inner['status'] : undefined);
  const param = word(inner['param']) ?? placeOf(detail['loc']);
  // some providers put the status into `code`
  const own = [inner['status_code'], inner['http_code'], inner['code']].map(Number).find((each) => each >= 400 && each < 600);
  const retryAfter = retryAfterOf({ ...head, error: inner, message });
  return {
    status: status < 400 ? (own ?? 502) : status,
    ...(message && { message }),
    ...(code && { code }),
    ...(type && { type }),
    ...(param && { param }),
    ...(retryAfter !== undefined && { retryAfter }),
    body,
  };
}

/** The circumstances of a failure, for the gateway's own sentence about it. */
interface Circumstances {
  /** The provider's host. */
  host?: string;
  /** The error came inside an answer with a status of 200. */
  inAnswer?: boolean;
}

/** Turns a failure into an error with one of the gateway's codes. */
export function failureToError(failure: ProviderFailure, circumstances: Circumstances = {}): GatewayError {
  const { status, message, param, body } = failure;
  const code = codeOf(failure, message ?? '');
  const retryAfter =
    code === 'rate_limited' ? Math.max(SHORTEST_RETRY, failure.retryAfter ?? SHORTEST_RETRY) : code === 'quota_exhausted' ? undefined : failure.retryAfter;
  const fields = record(record(Array.isArray(body) ? body[0] : body)['error']);
  const tokens = code === 'context_length_exceeded' ? tokenNumbers(message ?? '', fields) : undefined;
  return new GatewayError(code, message ?? sentence(failure, circumstances), {
    param,
    retryAfter,
    upstreamStatus: status,
    ownWords: message === undefined || undefined,
    said: textOf(body),
    tokens,
  });
}

/** Says what is known where the provider gave no message that could be shown. */
function sentence({ status, body }: ProviderFailure, { host, inAnswer }: Circumstances): string {
  const provider = host ? `the provider (${host})` : 'the provider';
  if (inAnswer) return `${provider} reported an error without a message`;
  const what = typeof body !== 'string' ? 'no message' : /<(?:html|!doctype|head|body)/i.test(body) ? 'a web page' : 'something that is no message';
  if (status === 404) return `${provider} does not know this model or path (HTTP 404, with ${what})`;
  return `${provider} answered HTTP ${status} with ${what}`;
}

/** A fault that lasts, like a web page: the base URL is wrong, or something else answers in the provider's place. */
export function protocolFault(what: string, { host, said, status }: { host: string; said: string; status?: number }): GatewayError {
  const where = status === undefined || status === 200 ? host : `${host}, HTTP ${status}`;
  return new GatewayError('upstream_protocol', `the provider (${where}) ${what}: check its base URL`, {
    said: said.slice(0, KEPT) || undefined,
    ownWords: true,
  });
}

function codeOf({ status, code = '', type = '', means, retryAfter }: ProviderFailure, message: string): ErrorCode {
  if (means) return means;
  const says = (words: ReadonlySet<string>) => words.has(code) || words.has(type);
  const meaning = status === 402 ? 'quota_exhausted' : meaningOf({ status, code, type, message, retryAfter });
  if (meaning) return meaning;
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

/** The error object inside the body: in `response`, which is not one itself, only its own `error`. */
function innerOf(root: Record<string, unknown>, name: string): Record<string, unknown> {
  return name === 'response' ? record(record(root[name])['error']) : record(root[name]);
}

/** The message of an error object, in any of the usual places. */
function messageIn(value: unknown, depth = 0): string | undefined {
  const holder = record(Array.isArray(value) ? value[0] : value);
  const direct = MESSAGE_FIELDS.map((field) => holder[field]).find(isWords);
  if (direct !== undefined) return direct;
  for (const field of depth < DEEPEST ? HOLDERS : []) {
    const inner = holder[field];
    const found = isWords(inner) ? inner : messageIn(inner, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isWords(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

/** What the provider said, as text. */
function textOf(body: unknown): string | undefined {
  const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
  return text.slice(0, KEPT) || undefined;
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
