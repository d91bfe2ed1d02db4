import type { CanonicalRequest, EndEvent, StreamEvent } from '../contract/canonical.ts';
import type { Exchange } from '../contract/exchange.ts';
import type { ModelFacts } from '../contract/facts.ts';
import type { Method, PassedBody } from './http.ts';

/** Takes a batch of events, once per socket read. A promise that it returns pauses the reading. */
export type Emit = (batch: readonly StreamEvent[]) => Promise<unknown> | undefined;

/** Answers exchanges, like an HTTP endpoint in one dialect. */
export interface Upstream {
  /**
   * Translated lane: asks the provider. The first event is `start`, once the provider has accepted; the last is `end`.
   * Rejects with a GatewayError if the answer fails before or between its events.
   */
  open(exchange: Exchange, request: CanonicalRequest, emit: Emit): Promise<void>;
  /** Native lane: sends the client's body with the exchange's model. Rejects with a GatewayError if it is refused. */
  forward(exchange: Exchange, body: Record<string, unknown>): Promise<NativeAnswer>;
  /** Asks the provider to count a request's tokens; resolves with undefined if it does not. */
  count(exchange: Exchange, asked: { body: Record<string, unknown> } | { request: CanonicalRequest }): Promise<number | undefined>;
  /** Native lane: another route of the dialect, like `/responses/{id}`. */
  pass(method: Method, route: string, signal: AbortSignal, body?: PassedBody): Promise<PassedAnswer>;
  /** Lists the provider's models and the facts it gives; undefined if it does not list any. */
  models(signal: AbortSignal): Promise<ModelFacts[] | undefined>;
}

/** A provider's answer to a route that is no exchange, refusals included. */
export interface PassedAnswer {
  readonly status: number;
  readonly type: string;
  each(onRead: OnPart): Promise<void>;
}

export type OnPart = (part: Buffer | string) => Promise<unknown> | undefined;

/** A provider's answer in the client's own dialect. */
export interface NativeAnswer {
  readonly status: number;
  /** The headers that a client gets. */
  readonly headers: Record<string, string>;
  /** The whole answer, if it does not stream. */
  readonly body?: string;
  /** Calls `onRead` with each socket read; a promise that it returns pauses the reading. Rejects on a cut stream. */
  each(onRead: OnPart): Promise<void>;
  /** The provider's id of the response, once it came, in a dialect whose responses are kept. */
  readonly id: string | undefined;
  /** The end with its usage, as far as the provider reported it. A `failed` one has reached the client already. */
  readonly end: EndEvent | undefined;
}
