import type { Clock } from './clock.ts';
import type { Dialect, Lane } from './dialect.ts';
import type { PresetFacts } from './facts.ts';
import type { Log } from './log.ts';
import type { Store } from './store.ts';

/** As Node reads them: names in small letters; a header that came several times is a list, where it may. */
export type ClientHeaders = { readonly [name: string]: string | string[] | undefined };

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
  readonly client: { readonly dialect: Dialect; readonly headers: ClientHeaders };
  /** What is echoed: never changed by a plugin. */
  readonly asked: { readonly model: string; readonly stream: boolean };
  /** What the upstream is asked for; `route` may change it. */
  model: string;
  /** Who answers. */
  readonly preset: PresetFacts;
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
  /** In `route`: lets another preset of the gateway answer. Throws `config_invalid`, listing them, where there is none of this name. */
  choosePreset(name: string): void;
  /** The key of an item that a plugin adds. */
  newKey(): number;
  /** Told in the answer's header while it can be, and in the exchange's log line. */
  warn(warning: Warning): void;
}
