import type { ErrorCode, GatewayError } from '../../../contract/errors.ts';
import type { Exchange } from '../../../contract/exchange.ts';
import { promptFits } from '../../../kit/prompt-fits.ts';
import { LASTING } from '../../lasting.ts';

/** Anthropic's statuses, where they differ from our own. */
const STATUS: Partial<Record<ErrorCode, number>> = { quota_exhausted: 402, upstream_failed: 500, upstream_overloaded: 529 };
/** Anthropic's types. Otherwise a client's mistake is an `invalid_request_error`, any other failure an `api_error`. */
const TYPE: Partial<Record<ErrorCode, string>> = {
  unauthorized: 'authentication_error',
  forbidden_host: 'permission_error',
  forbidden_origin: 'permission_error',
  upstream_permission: 'permission_error',
  not_found: 'not_found_error',
  model_not_found: 'not_found_error',
  body_too_large: 'request_too_large',
  rate_limited: 'rate_limit_error',
  quota_exhausted: 'billing_error',
  upstream_overloaded: 'overloaded_error',
  upstream_timeout: 'timeout_error',
};
const TOO_LONG = 'prompt is too long';
const NO_ROOM = 'input length and `max_tokens` exceed context limit';
/** Details of a refusal of threads: the SDK then sends the whole conversation again, without them. */
const NO_THREADS = { error_code: 'thread_unsupported_request', unsupported: ['threads'] };

/** `{type:"error",error:{type,message},request_id}`, as Anthropic answers. */
export function encodeError(error: GatewayError, exchange: Pick<Exchange, 'id'>): { status: number; headers: Record<string, string>; body: string } {
  const { code, details } = error;
  const status = details.status ?? STATUS[code] ?? error.status;
  const headers = {
    ...(details.retryAfter !== undefined && { 'retry-after': String(Math.ceil(details.retryAfter)) }),
    ...(LASTING.has(code) && { 'x-should-retry': 'false' }),
  };
  return { status, headers, body: JSON.stringify({ ...bodyOf(error), request_id: exchange.id }) };
}

/** A failure in the middle of a stream. */
export function errorEvent(error: GatewayError): string {
  return `event: error\ndata: ${JSON.stringify(bodyOf(error))}\n\n`;
}

function bodyOf(error: GatewayError): object {
  const { code, status, details } = error;
  const type = details.wireCode ?? TYPE[code] ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
  const threads = code === 'unsupported_parameter' && details.param === 'thread';
  return { type: 'error', error: { type, message: wordsOf(error), ...(threads && { details: NO_THREADS }) } };
}

/** Clients act on Anthropic's own words: they compact after the first, and ask again for less after the second. */
function wordsOf({ code, message, details: { tokens = {} } }: GatewayError): string {
  if (code !== 'context_length_exceeded') return message;
  const { window = 0, prompt = 0, completion } = tokens;
  if (promptFits(tokens)) return `${NO_ROOM}: ${prompt} + ${completion} > ${window}, decrease input length or \`max_tokens\` and try again`;
  if (message.startsWith(TOO_LONG)) return message;
  return prompt > window && window > 0 ? `${TOO_LONG}: ${prompt} tokens > ${window} maximum` : `${TOO_LONG}: ${message}`;
}
