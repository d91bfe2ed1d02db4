import type { CanonicalRequest, StreamEvent } from '../contract/canonical.ts';
import type { Dialect } from '../contract/dialect.ts';
import type { GatewayError } from '../contract/errors.ts';
import type { Exchange } from '../contract/exchange.ts';

/** Turns a canonical request into a dialect's body, and the provider's answer back into canonical events. */
export interface Codec<Body extends object = object, Chunk extends object = object> {
  readonly dialect: Dialect;
  /** Path of the endpoint below a provider's base: `/chat/completions`. */
  readonly path: string;
  /** Path of the endpoint that counts the tokens of a request, if the dialect has one. */
  readonly countPath?: string;
  /** Headers that the dialect requires in every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Marks in the events with the end, the usage or an error of a stream: the native lane reads only these events. */
  readonly markers: readonly string[];
  /** Returns the plain body. Whatever the dialect cannot carry is left out with a warning. */
  encode(request: CanonicalRequest, exchange: Exchange): Body;
  /** `characters`: the size of the request, to estimate usage if the provider reports none. */
  decoder(exchange: Exchange, characters: number): Decoder<Chunk>;
  /** Watches an answer in the native lane. */
  passing(exchange: Exchange): Passing<Chunk>;
  /** True for a whole answer, and not for other JSON, like `{}`. */
  isAnswer(whole: Chunk): boolean;
  /** True for a chunk that is an error in place of an answer, in any known shape. */
  isFailure(chunk: Chunk): boolean;
}

/** Reads a stream chunk by chunk, or a whole answer as one chunk, and appends canonical events to a list. */
export interface Decoder<Chunk extends object = object> {
  /** Only usage can still come. */
  readonly finished: boolean;
  /** The last event was emitted. */
  readonly ended: boolean;
  chunk(chunk: Chunk, events: StreamEvent[]): void;
  /** Called after `[DONE]` (`marked`), or after the last byte without it. */
  end(marked: boolean, events: StreamEvent[]): void;
  fail(error: GatewayError, events: StreamEvent[]): void;
}

/**
 * Watches an answer that passes in the native lane: mends what no client of the dialect can read, and completes an
 * answer whose end is missing. Of a stream it reads only the events that it wants.
 */
export interface Passing<Chunk extends object = object> {
  /** The provider's id of the response, where the dialect keeps responses, once it came. */
  readonly id: string | undefined;
  /** The text behind the last event, if the dialect has one. */
  readonly done: string;
  /** True if one of these events has to be read: the text of a whole read, or of one event. */
  wants(events: string): boolean;
  /** Returns the same chunk if it needs no change. */
  chunk(chunk: Chunk): Chunk;
  /**
   * Returns the events that still miss at the end, after `[DONE]` (`marked`) or the last byte; undefined if what came
   * is no whole answer.
   */
  missing(marked: boolean): Chunk[] | undefined;
}
