import type { Clock } from './clock.ts';
import type { Dialect, Lane } from './dialect.ts';
import type { PresetFacts } from './facts.ts';
import type { Log } from './log.ts';
import type { Store } from './store.ts';

/**
 * The client's headers as Node parses them: names in lower case; a header that may repeat and does is a list.
 * @example const session = exchange.client.headers['session_id'];
 */
export type ClientHeaders = { readonly [name: string]: string | string[] | undefined };

/**
 * Something the client asked for that the provider will not get, or gets in another form.
 * @example exchange.warn({ param: 'tools[3]', reason: 'unknown_type' });
 */
export interface Warning {
  /** A path, like `tools[3]`. */
  param: string;
  /** Words joined by `_`: they go into a header. */
  reason: string;
}

/**
 * One client request and the stream that answers it.
 * @example
 * route(exchange) {
 *   exchange.log.debug({ asked: exchange.asked.model }, 'route');
 *   exchange.upstream.headers['x-title'] = 'tapline';
 * }
 */
export interface Exchange {
  /** The `x-request-id`: the client's own if it is well formed. */
  readonly id: string;
  readonly client: { readonly dialect: Dialect; readonly headers: ClientHeaders };
  /** The client's own words, which its answer repeats. No plugin changes them. */
  readonly asked: { readonly model: string; readonly stream: boolean };
  /** The model that the upstream is asked for. `route` may change it. */
  model: string;
  /** The preset that answers. */
  readonly preset: PresetFacts;
  /** The URL of the request, and the headers to add. `route` may change both. */
  readonly upstream: { readonly dialect: Dialect; url: URL; readonly headers: Record<string, string> };
  readonly lane: Lane;
  /** A status has been sent, so a failure can only be reported in the stream. */
  readonly started: boolean;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
  /** The frame to write after so many milliseconds of silence. A client's accent sets only the frame. */
  readonly keepAlive: { everyMs: number; frame: string };
  readonly clock: Clock;
  readonly log: Log;
  /** Records that outlive the exchange. Those of other clients are out of reach. */
  readonly store: Pick<Store, 'get' | 'put' | 'delete'>;
  /** A lossy translation is refused instead of reported as a warning. */
  readonly strict: boolean;
  /** The most characters that records may add to the request. See `mayExpand`. */
  readonly expandedLimit: number;
  /** The first 20; further ones are counted. */
  readonly warnings: readonly Warning[];
  /** The values that plugins keep with `perExchange`. */
  readonly kept: unknown[];
  /** In `route`: hands the request to another preset. Throws `config_invalid` if the gateway has none of this name. */
  choosePreset(name: string): void;
  /** Returns the key for an item that a plugin adds. */
  newKey(): number;
  /** Reports a loss: in the answer's header, if it is not sent yet, and in the exchange's log line. */
  warn(warning: Warning): void;
}
