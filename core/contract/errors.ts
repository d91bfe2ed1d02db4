/** Every code with its HTTP status. The list is closed: no code is reused, and a new one is a deliberate change. */
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

/**
 * The code of a failure.
 * @example const retryLater: ErrorCode[] = ['rate_limited', 'upstream_overloaded'];
 */
export type ErrorCode = keyof typeof ERROR_STATUS;

/**
 * The numbers of tokens that a provider names when a request does not fit. `completion`: the limit of the answer.
 * @example const room: TokenNumbers = { window: 32_768, prompt: 17_459, completion: 32_000 };
 */
export type TokenNumbers = { readonly window?: number; readonly prompt?: number; readonly completion?: number };

interface Details {
  status?: number | undefined;
  /** The path of the wrong field, like `input[2].role`. */
  param?: string | undefined;
  plugin?: string | undefined;
  /** Whole seconds. */
  retryAfter?: number | undefined;
  /** The HTTP status of the provider's answer. */
  upstreamStatus?: number | undefined;
  /** The code on the wire, if a client needs another word than its dialect's own. */
  wireCode?: string | undefined;
  /** What the provider said, whole, for the log; the message holds as much of it as a client may see. */
  said?: string | undefined;
  /** The message is the gateway's own sentence: nothing of what the provider said is in it. */
  ownWords?: boolean | undefined;
  /** The numbers of a request that does not fit. */
  tokens?: TokenNumbers | undefined;
  cause?: unknown;
}

/**
 * The only error that reaches a client. Its message says what was found, where, and what would have been accepted.
 * @example throw new GatewayError('unsupported_value', `top_k: found ${top_k}, expected 1 to 40`, { param: 'top_k' });
 */
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

  /** Recognises errors of another copy of this module too: a config may import one by its path. */
  static [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Object && (value as Error).name === 'GatewayError';
  }
  /** Returns a copy with some fields replaced. */
  with({ code = this.code, message = this.message, ...details }: Details & { code?: ErrorCode; message?: string }): GatewayError {
    return new GatewayError(code, message, { ...this.details, ...details, cause: this.cause });
  }
}

/** Turns any thrown value into a GatewayError; an unknown one becomes `internal`. */
export function asGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  return new GatewayError('internal', `the gateway failed: ${messageOf(thrown)}`, { cause: thrown });
}

/** The message of a thrown value. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
