import type { IncomingHttpHeaders } from 'node:http';
import type { Log } from '../config/log.ts';
import type { Clock } from './clock.ts';
import type { Preset } from './preset.ts';
import type { Store } from './store.ts';

/** A wire API: OpenAI Responses, OpenAI Chat Completions, Anthropic Messages. */
export type Dialect = (typeof DIALECTS)[number];
export const DIALECTS = ['responses', 'chat', 'messages'] as const;
/** `native`: the provider speaks the client's dialect. `translated`: through the canonical form. */
export type Lane = 'native' | 'translated';

/** Something the client asked for that is lost or changed. */
export interface Warning {
  /** A path: `tools[3]`. */
  param: string;
  reason: string;
}

/** One client request and the stream that answers it. */
export interface Exchange {
  /** `x-request-id`, the client's own when it is well formed. */
  readonly id: string;
  readonly client: { readonly dialect: Dialect; readonly headers: Readonly<IncomingHttpHeaders> };
  /** What is echoed: never changed by a plugin. */
  readonly asked: { readonly model: string; readonly stream: boolean };
  /** What the upstream is asked for; `route` may change it. */
  model: string;
  /** Who answers; `route` may choose another that the gateway has. */
  preset: Preset;
  /** Where the request goes, and what is added to its headers; `route` may change both. */
  readonly upstream: { readonly dialect: Dialect; url: URL; readonly headers: Record<string, string> };
  readonly lane: Lane;
  /** A status has been sent: failures are told in the stream. */
  readonly started: boolean;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
  /** Written after so much silence towards the client; a client accent only sets the form. */
  readonly keepAlive: { everyMs: number; frame: string };
  readonly clock: Clock;
  readonly log: Log;
  /** Records that outlive the exchange; another client's are out of reach. */
  readonly store: Pick<Store, 'get' | 'put' | 'delete'>;
  /** Whether a lossy translation is refused in place of warned about. */
  readonly strict: boolean;
  readonly warnings: readonly Warning[];
  /** What plugins keep with `perExchange`. */
  readonly kept: unknown[];
  /** The key of an item that a plugin adds. */
  newKey(): number;
  /** Told in the answer's header while it can be, and in the exchange's log line. */
  warn(warning: Warning): void;
}

/**
 * Gives a plugin one value per exchange, to carry from the request to its stream.
 * It is made on first use and collected together with the exchange.
 *
 * @example
 * const sentNames = perExchange(() => new Map<string, string>());
 * sentNames(exchange).set('mcp__fs__read', 'mcp.fs.read');
 */
export function perExchange<Value>(create: (exchange: Exchange) => Value): (exchange: Exchange) => Value {
  const slot = slots++;
  return (exchange) => {
    let value = exchange.kept[slot] as Value | undefined;
    if (value === undefined) {
      value = create(exchange);
      exchange.kept[slot] = value;
    }
    return value;
  };
}

/** How many plugins keep something: a place in an exchange's own list is found ten times as fast as in a WeakMap, for every event. */
let slots = 0;
