import type { ErrorCode, GatewayError } from '../contract/errors.ts';
import { LASTING } from './lasting.ts';

/** OpenAI's codes, where they differ from our own. */
const CODE: Partial<Record<ErrorCode, string>> = {
  invalid_request: 'invalid_value',
  missing_parameter: 'missing_required_parameter',
  body_too_large: 'request_too_large',
  unauthorized: 'invalid_api_key',
  content_filtered: 'content_filter',
  rate_limited: 'rate_limit_exceeded',
  quota_exhausted: 'insufficient_quota',
  upstream_authentication: 'upstream_authentication_error',
  upstream_permission: 'permission_denied',
  upstream_overloaded: 'server_is_overloaded',
  upstream_timeout: 'timeout',
  upstream_failed: 'server_error',
  stream_cut: 'server_error',
};
const TYPE: Partial<Record<ErrorCode, string>> = {
  unauthorized: 'authentication_error',
  upstream_permission: 'permission_error',
  upstream_authentication: 'upstream_authentication_error',
  upstream_timeout: 'timeout_error',
  rate_limited: 'rate_limit_error',
  quota_exhausted: 'insufficient_quota',
};

/** The error code that a client of an OpenAI dialect reads. */
export function wireCode({ code, details }: GatewayError): string {
  return details.wireCode ?? CODE[code] ?? code;
}

/** `response.failed` for a response about which nothing else is known. */
export function encodeFailure(error: GatewayError): string {
  const response = { id: 'resp_failed', object: 'response', status: 'failed', output: [], error: { code: wireCode(error), message: error.message } };
  return `event: response.failed\ndata: ${JSON.stringify({ type: 'response.failed', sequence_number: 0, response })}\n\n`;
}

/** `{error:{message,type,param,code}}`, as OpenAI answers. */
export function encodeError(error: GatewayError): { status: number; headers: Record<string, string>; body: string } {
  const { message, status, code, details } = error;
  const type = TYPE[code] ?? (status >= 500 ? 'server_error' : 'invalid_request_error');
  const headers = {
    ...(details.retryAfter !== undefined && { 'retry-after': String(Math.ceil(details.retryAfter)) }),
    ...(LASTING.has(code) && { 'x-should-retry': 'false' }),
  };
  return { status, headers, body: JSON.stringify({ error: { message, type, param: details.param ?? null, code: wireCode(error) } }) };
}
