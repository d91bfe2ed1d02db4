/** Every code, with the status a plain client sees. Closed: never reused, extended deliberately. */
export const ERROR_STATUS = {
  invalid_request: 400,
  unsupported_parameter: 400,
  unsupported_value: 400,
  missing_parameter: 400,
  body_too_large: 413,
  unauthorized: 401,
  forbidden_host: 403,
  forbidden_origin: 403,
  not_found: 404,
  method_not_allowed: 405,
  model_not_found: 404,
  previous_response_not_found: 400,
  context_length_exceeded: 400,
  content_filtered: 400,
  rate_limited: 429,
  quota_exhausted: 429,
  upstream_authentication: 502,
  upstream_permission: 403,
  upstream_overloaded: 503,
  upstream_failed: 502,
  upstream_unreachable: 502,
  upstream_timeout: 504,
  upstream_protocol: 502,
  stream_cut: 502,
  client_gone: 499,
  plugin_failed: 500,
  config_invalid: 500,
  internal: 500,
} as const satisfies Record<string, number>;

export type ErrorCode = keyof typeof ERROR_STATUS;

interface Details {
  status?: number | undefined;
  /** The field that is wrong, as a path: `input[2].role`. */
  param?: string | undefined;
  plugin?: string | undefined;
  /** Seconds, whole. */
  retryAfter?: number | undefined;
  /** The status the provider sent. */
  upstreamStatus?: number | undefined;
  /** The code on the wire, where a client's accent needs another word than the dialect's own. */
  wireCode?: string | undefined;
  cause?: unknown;
}

/** The only error a client is told about: what was found, where, and what would have been accepted. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly code: ErrorCode;
  readonly status: number;
  readonly details: Readonly<Details>;

  constructor(code: ErrorCode, message: string, details: Details = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.status = details.status ?? ERROR_STATUS[code];
    this.details = details;
  }

  /** The same failure, told differently. */
  with({ code = this.code, message = this.message, ...details }: Details & { code?: ErrorCode; message?: string }): GatewayError {
    return new GatewayError(code, message, { ...this.details, ...details, cause: this.cause });
  }
}

/** Any thrown value as a GatewayError. */
export function asGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  return new GatewayError('internal', `the gateway failed: ${messageOf(thrown)}`, { cause: thrown });
}

/** What a thrown value says. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
