import type { CanonicalRequest, StreamEvent } from '../contract/canonical.ts';
import type { Dialect } from '../contract/dialect.ts';
import type { GatewayError } from '../contract/errors.ts';
import type { Exchange } from '../contract/exchange.ts';

/** Turns a canonical request into a dialect's body, and what the provider answers back into canonical events. */
export interface Codec<Body extends object = object, Chunk extends object = object> {
  readonly dialect: Dialect;
  /** Where a provider serves it, below its base: `/chat/completions`. */
  readonly path: string;
  /** Where a provider counts the tokens of a request, if the dialect knows such a place. */
  readonly countPath?: string;
  /** What the dialect itself asks for in every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** What stands in the events of a stream that tell its end, its usage or an error: in the native lane only these are read. */
  readonly markers: readonly string[];
  /** The plain body. What the dialect cannot carry is left out with a warning. */
  encode(request: CanonicalRequest, exchange: Exchange): Body;
  /** `characters`: the size of the request, to estimate usage by where the provider tells none. */
  decoder(exchange: Exchange, characters: number): Decoder<Chunk>;
  /** Whether a chunk is an error in place of an answer, in any of the shapes there are. */
  isFailure(chunk: Chunk): boolean;
}

/** Reads a stream chunk by chunk, or a whole answer as one chunk, and appends canonical events to the list it is given. */
export interface Decoder<Chunk extends object = object> {
  /** Nothing but usage can still come. */
  readonly finished: boolean;
  /** The last event is out. */
  readonly ended: boolean;
  chunk(chunk: Chunk, events: StreamEvent[]): void;
  /** After `[DONE]` (`marked`), or after the last byte without it. */
  end(marked: boolean, events: StreamEvent[]): void;
  fail(error: GatewayError, events: StreamEvent[]): void;
}
