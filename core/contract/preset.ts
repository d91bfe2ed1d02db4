import type { Dialect } from './dialect.ts';
import type { PresetFacts } from './facts.ts';
import type { Awaitable, PluginOption } from './plugin.ts';

/** Base URLs per dialect, up to but without `/chat/completions`, `/responses`, `/messages` or `/models`. */
export type Endpoints = { readonly [dialect in Dialect]?: string };

/**
 * A provider as plain data: its endpoints, its models, and the plugins that handle its accent.
 * @example
 * export function acme(options: Partial<Preset> = {}): Preset {
 *   const endpoints = { chat: 'https://api.acme.example/v1' };
 *   return { name: 'acme', endpoints, keyEnv: ['ACME_API_KEY'], models: [], plugins: chatBasics({ … }), ...options };
 * }
 */
export interface Preset extends PresetFacts {
  readonly endpoints: Endpoints;
  /** Dialects that the provider supports only in part: requests in them are translated all the same. */
  readonly translated?: readonly Dialect[];
  /** The provider's name, for people. */
  readonly title?: string;
  /** How well the accent is known: from recorded answers, from the documentation, or not yet. */
  readonly known?: 'recorded' | 'documented' | 'unverified';
  /** The environment variables of the key. The first that is set wins. */
  readonly keyEnv?: readonly string[];
  readonly apiKey?: string;
  /** The provider refuses every request without a key. */
  readonly keyNeeded?: boolean;
  /** The environment variables that replace the base, as `--upstream` does. */
  readonly baseEnv?: readonly string[];
  /** The date (`2026-11`) and the source of the facts about the models. */
  readonly modelsFrom?: { readonly date: string; readonly source: string };
  readonly plugins: PluginOption;
  readonly port?: number;
  /** More path prefixes for the routes, like `/v4`. `/v1` and no prefix always work. */
  readonly prefixes?: readonly string[];
  readonly timeouts?: Timeouts;
  readonly retries?: Retries;
  /** Starts what the preset needs. Return its endpoints if they were not known before. */
  start?(): Awaitable<Endpoints | undefined>;
  stop?(): Awaitable<void>;
}

/**
 * Limits for the provider, in milliseconds. 0: no limit.
 * @example const slow: Timeouts = { headers: 600_000, firstToken: 900_000 };
 */
export interface Timeouts {
  readonly connect?: number;
  /** Until the provider sends its status. */
  readonly headers?: number;
  /** Without progress in the stream. */
  readonly idle?: number;
  /** Until the first progress. Default: `idle`. */
  readonly firstToken?: number;
}

/**
 * How often a failed request is sent again.
 * @example const patient: Retries = { times: 4, delay: 500 };
 */
export interface Retries {
  /** Attempts after the first. */
  readonly times?: number;
  /** Milliseconds before the first of them. Each further delay is twice as long. */
  readonly delay?: number;
}
