import type { CanonicalRequest, StreamEvent } from '../contract/canonical.ts';
import type { Dialect } from '../contract/dialect.ts';
import type { GatewayError } from '../contract/errors.ts';
import type { Exchange } from '../contract/exchange.ts';

/** Serves a dialect to clients. */
export interface FrontDoor {
  readonly dialect: Dialect;
  /** Where it is served, without a leading `/v1`. */
  readonly path: string;
  /** What is written after so much silence, where the dialect has an event for it. */
  readonly keepAlive?: string;
  /** Checks a body; throws a GatewayError that names the field. Takes the body over: plugins change it in place. */
  decode(body: Record<string, unknown>, exchange: Exchange): CanonicalRequest;
  /** Throws at what is refused even where a body goes through as it is. */
  readonly check?: (body: Record<string, unknown>) => void;
  /** Made before plugins run: what it echoes is taken as text, once. */
  answer(request: CanonicalRequest, exchange: Exchange): Answer;
  /** Where the dialect counts the tokens of a request, and how it tells. */
  readonly count?: { readonly path: string; body(tokens: number): object };
  /** A failure before the first byte, in the dialect's own words. */
  error(error: GatewayError, exchange: Pick<Exchange, 'id'>): { status: number; headers: Record<string, string>; body: string };
  /** A failure in a stream that is the provider's own, as one event. */
  failure(error: GatewayError): string;
}

/** Writes canonical events in a dialect, and folds them into one body. */
export interface Answer {
  /** As the client is told it. */
  readonly id: string;
  write(event: StreamEvent): void;
  /** What was written since the last time. */
  take(): string;
  /** The whole answer, once `end` was written. */
  readonly body: string;
}
