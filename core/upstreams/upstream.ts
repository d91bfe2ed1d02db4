import type { CanonicalRequest, EndEvent, StreamEvent } from '../contract/canonical.ts';
import type { Exchange } from '../contract/exchange.ts';
import type { ModelFacts } from '../contract/facts.ts';
import type { Method } from './http.ts';

/** Takes a batch of events, once per socket read; a promise it returns means "wait". */
export type Emit = (batch: readonly StreamEvent[]) => Promise<unknown> | undefined;

/** Answers an exchange: an HTTP endpoint in a dialect. */
export interface Upstream {
  /**
   * Translated lane: asks the provider. `start` is the first event, when it has accepted. Rejects with a GatewayError
   * where the answer failed before or between its events; otherwise the last event is `end`.
   */
  open(exchange: Exchange, request: CanonicalRequest, emit: Emit): Promise<void>;
  /** Native lane: sends the client's body, but for its model. Rejects with a GatewayError where it was refused. */
  forward(exchange: Exchange, body: Record<string, unknown>): Promise<NativeAnswer>;
  /** The provider's own count of a request's tokens; undefined where it does not tell. Only a client that went away rejects it. */
  count(exchange: Exchange, asked: { body: Record<string, unknown> } | { request: CanonicalRequest }): Promise<number | undefined>;
  /** Native lane: another route of the dialect, like `/responses/{id}`. */
  pass(method: Method, route: string, signal: AbortSignal): Promise<PassedAnswer>;
  /** The models the provider lists, with what it tells of them; undefined where it does not tell. */
  models(signal: AbortSignal): Promise<ModelFacts[] | undefined>;
}

/** What a provider answers to a route that is no exchange: its refusals too. */
export interface PassedAnswer {
  readonly status: number;
  readonly type: string;
  each(onRead: OnPart): Promise<void>;
}

export type OnPart = (part: Buffer | string) => Promise<unknown> | undefined;

/** What a provider answers in the client's own dialect. */
export interface NativeAnswer {
  readonly status: number;
  /** Those a client may see. */
  readonly headers: Record<string, string>;
  /** A whole answer, where it does not stream. */
  readonly body?: string;
  /** Calls `onRead` with what each socket read brought; a promise it returns means "wait". Rejects where the stream was cut. */
  each(onRead: OnPart): Promise<void>;
  /** How it ended, with its usage, as far as the provider told. Its `failed` was told to the client by the provider itself. */
  readonly end: EndEvent | undefined;
}
