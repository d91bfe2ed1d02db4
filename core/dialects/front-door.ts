import type { CanonicalRequest, StreamEvent } from '../contract/canonical.ts';
import type { Dialect } from '../contract/dialect.ts';
import type { GatewayError } from '../contract/errors.ts';
import type { Exchange } from '../contract/exchange.ts';

/** Serves a dialect to clients. */
export interface FrontDoor {
  readonly dialect: Dialect;
  /** Path of the endpoint, without a leading `/v1`. */
  readonly path: string;
  /** Event to send during silence, if the dialect has one for it. */
  readonly keepAlive?: string;
  /** Checks a body; throws a GatewayError that names the field. Takes the body over: plugins change it in place. */
  decode(body: Record<string, unknown>, exchange: Exchange): CanonicalRequest;
  /** Throws for a body that is refused even where bodies pass unchanged. */
  readonly check?: (body: Record<string, unknown>) => void;
  /** Called before plugins run: the answer serialises the fields it echoes once. */
  answer(request: CanonicalRequest, exchange: Exchange): Answer;
  /** Endpoint that counts the tokens of a request, and the body of its answer. */
  readonly count?: { readonly path: string; body(tokens: number): object };
  /** A failure before the first byte, as the dialect spells it. */
  error(error: GatewayError, exchange: Pick<Exchange, 'id'>): { status: number; headers: Record<string, string>; body: string };
  /** A failure in a stream that the provider wrote itself, as one event. */
  failure(error: GatewayError): string;
}

/** Writes canonical events in a dialect, and folds them into one body. */
export interface Answer {
  /** The id that the client sees. */
  readonly id: string;
  write(event: StreamEvent): void;
  /** Returns the text written since the last call. */
  take(): string;
  /** The whole answer, complete once `end` was written. */
  readonly body: string;
}
