import type { CanonicalRequest, StreamEvent } from '../canonical.ts';
import type { Exchange } from '../exchange.ts';
import type { ModelFacts } from '../preset.ts';

/** Takes a batch of events, once per socket read; a promise it returns means "wait". */
export type Emit = (batch: readonly StreamEvent[]) => Promise<unknown> | undefined;

/** Answers an exchange: an HTTP endpoint in a dialect. */
export interface Upstream {
  /**
   * Asks the provider. `start` is the first event, when it has accepted. Rejects with a GatewayError where the answer
   * failed before or between its events; otherwise the last event is `end`.
   */
  open(exchange: Exchange, request: CanonicalRequest, emit: Emit): Promise<void>;
  /** The models the provider lists, with what it tells of them; undefined where it does not tell. */
  models(signal: AbortSignal): Promise<ModelFacts[] | undefined>;
  close(): Promise<void>;
}
