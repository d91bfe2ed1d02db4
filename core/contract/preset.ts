import type { PluginOption } from '../pipeline/resolve-plugins.ts';
import type { Dialect } from './exchange.ts';
import type { Awaitable } from './plugin.ts';

/** The bases that end before `/chat/completions`, `/responses`, `/messages`, `/models`. */
export type Endpoints = { readonly [dialect in Dialect]?: string };

export type Authorization = 'bearer' | 'x-api-key';

/** A provider as plain data: its endpoints, its models, and the plugins that make up for its accent. */
export interface Preset {
  readonly name: string;
  readonly endpoints: Endpoints;
  /** Dialects that its endpoint takes only a part of: their clients go through the canonical form even so. */
  readonly translated?: readonly Dialect[];
  /** The provider's own name, for people. */
  readonly title?: string;
  /** How well its accent is known: from recorded answers, from its documentation, or not yet. */
  readonly known?: 'recorded' | 'documented' | 'unverified';
  /** How the key is sent, to all endpoints or to each dialect's. */
  readonly auth?: Authorization | { readonly [dialect in Dialect]?: Authorization };
  /** The variables a key is looked for in, in this order. */
  readonly keyEnv?: readonly string[];
  readonly apiKey?: string;
  /** Whether nothing works without a key. */
  readonly keyNeeded?: boolean;
  /** The variables that replace the base, as `--upstream` does. */
  readonly baseEnv?: readonly string[];
  /** Offered when the provider lists none. */
  readonly models: readonly ModelFacts[];
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

export interface ModelFacts {
  readonly id: string;
  /** In tokens. */
  readonly contextWindow?: number;
  /** In tokens. */
  readonly maxOutput?: number;
  readonly input?: readonly ('text' | 'image' | 'audio')[];
  /** The words `reasoning.effort` takes, weakest first. */
  readonly efforts?: readonly string[];
  /** Whether it makes several calls in one turn; unknown counts as yes. */
  readonly parallelCalls?: boolean;
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
