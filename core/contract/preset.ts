import type { Dialect } from './dialect.ts';
import type { PresetFacts } from './facts.ts';
import type { Awaitable, PluginOption } from './plugin.ts';

/** The bases that end before `/chat/completions`, `/responses`, `/messages`, `/models`. */
export type Endpoints = { readonly [dialect in Dialect]?: string };

/**
 * A provider as plain data: its endpoints, its models, and the plugins that make up for its accent.
 *
 * @example
 * export function acme(options: Partial<Preset> = {}): Preset {
 *   return { name: 'acme', endpoints: { chat: 'https://api.acme.example/v1' }, keyEnv: ['ACME_API_KEY'], models: [], plugins: chatBasics({ … }), ...options };
 * }
 */
export interface Preset extends PresetFacts {
  readonly endpoints: Endpoints;
  /** Dialects that its endpoint takes only a part of: their clients go through the canonical form even so. */
  readonly translated?: readonly Dialect[];
  /** The provider's own name, for people. */
  readonly title?: string;
  /** How well its accent is known: from recorded answers, from its documentation, or not yet. */
  readonly known?: 'recorded' | 'documented' | 'unverified';
  /** The variables a key is looked for in, in this order. */
  readonly keyEnv?: readonly string[];
  readonly apiKey?: string;
  /** Whether nothing works without a key. */
  readonly keyNeeded?: boolean;
  /** The variables that replace the base, as `--upstream` does. */
  readonly baseEnv?: readonly string[];
  /** When (`2026-11`) and where the facts about the models were read. */
  readonly modelsFrom?: { readonly date: string; readonly source: string };
  readonly plugins: PluginOption;
  readonly port?: number;
  /** Further paths that the routes are served below, besides `/v1` and none: `/v4`. */
  readonly prefixes?: readonly string[];
  readonly timeouts?: Timeouts;
  readonly retries?: Retries;
  /** Returns the endpoints of what it started, if they were not known before. */
  start?(): Awaitable<Endpoints | undefined>;
  stop?(): Awaitable<void>;
}

/** In milliseconds; 0 waits for ever. */
export interface Timeouts {
  readonly connect?: number;
  /** Until the provider's status. */
  readonly headers?: number;
  /** Without progress in its stream. */
  readonly idle?: number;
  /** Until the first progress; as `idle` unless given. */
  readonly firstToken?: number;
}

export interface Retries {
  /** After the first attempt. */
  readonly times?: number;
  /** Milliseconds before the first; doubles. */
  readonly delay?: number;
}
