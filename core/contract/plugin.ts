import type { CanonicalRequest, Item, StreamEvent, Usage } from './canonical.ts';
import type { ChatChunk, ChatRequest } from './chat-wire.ts';
import type { Dialect, Lane } from './dialect.ts';
import type { ErrorCode, GatewayError } from './errors.ts';
import type { Exchange, Warning } from './exchange.ts';
import type { ModelFacts } from './facts.ts';

export type Awaitable<Value> = Value | Promise<Value>;
// biome-ignore lint/suspicious/noConfusingVoidType: a handler that returns nothing keeps what it was given
type Kept = void;

/** `history`: completed responses are kept, and can be asked for. `client-keys`: the provider is shown the client's own key in place of the gateway's. */
export const CAPABILITIES = ['history', 'client-keys'] as const;
export type Capability = (typeof CAPABILITIES)[number];

/**
 * Transforms one concern of an exchange.
 *
 * Handlers run in the order plugins are listed on the way to the provider, and in the reverse order on the way
 * back: what a plugin did to the request, it undoes in the stream before the plugins listed earlier see it.
 */
export interface Plugin {
  /** Unique, in kebab-case: `disable`, traces and errors use it. */
  readonly name: string;
  /** Runs ahead of the plugin of this name, wherever it is listed. */
  readonly before?: string;
  /** Only where the upstream speaks one of these dialects: a lowering for Chat must not touch a Responses upstream. */
  readonly upstream?: Dialect | readonly Dialect[];
  readonly lane?: Lane;
  /** `last`: behind every plugin that a user adds, so that it sees a provider's error first. */
  readonly place?: 'last';
  /** It keeps something out: no switch of a request takes it away, and no failure of it is skipped. */
  readonly guard?: boolean;
  /** When one of its handlers fails: the exchange does, too (default), or goes on without it, with a warning. A refusal on purpose, a thrown GatewayError, always holds. */
  readonly onError?: 'fail' | 'skip';
  /** What the gateway relies on it for, from a closed list: commands and routes ask for this, never for a name. */
  readonly provides?: Capability | readonly Capability[];
  /** Milliseconds that a handler may take when it returns a promise, in place of the gateway's `pluginTimeout`; 0 waits for ever. */
  readonly timeout?: number;
  /** Runs before the port opens. */
  start?(): Awaitable<void>;
  stop?(): Awaitable<void>;
  /** Any lane, before the upstream is asked: the model, the headers, the client's accent. */
  route?(exchange: Exchange): Awaitable<void>;
  /** Translated lane: changes the canonical request in place. */
  request?(request: CanonicalRequest, exchange: Exchange): Awaitable<void>;
  /** Translated lane: returns the item to put in place of the one added or done; nothing keeps it. */
  item?(item: Item, exchange: Exchange): Item | Kept;
  /** Translated lane: returns what to put in place of the event: one, several, `[]` drops it; nothing keeps it. */
  event?(event: StreamEvent, exchange: Exchange): StreamEvent | readonly StreamEvent[] | Kept;
  /** Any lane, typed per dialect: between the plain dialect and the provider's accent. */
  readonly wire?: { readonly [D in Dialect]?: WireHandlers<Wire[D]['request'], Wire[D]['chunk']> };
  /** Returns the models to offer; nothing keeps them. */
  models?(models: readonly ModelFacts[]): Awaitable<readonly ModelFacts[] | Kept>;
  /** Every failure passes once. Returns the error the client gets; nothing keeps it. */
  error?(error: GatewayError, exchange: Exchange): GatewayError | Kept;
  /** Translated lane, a completed answer only: before the client is told that it is complete, so that what must not be lost is stored. A failure is logged, and the client gets its answer. */
  complete?(answer: CompleteAnswer, exchange: Exchange): Awaitable<void>;
  /** Observes how it ended. Nobody waits for it: a failure is logged, and the client has its answer. */
  end?(summary: ExchangeSummary, exchange: Exchange): Awaitable<void>;
}

/** What a list may hold: a plugin, a list of them, or a falsy value from a condition. */
export type PluginOption = Plugin | readonly PluginOption[] | false | null | undefined;

export interface WireHandlers<Body, Chunk> {
  /** Changes the provider's request body in place, right before it is sent. */
  request?(body: Body, exchange: Exchange): Awaitable<void>;
  /** Returns the chunk as the plain dialect has it, as a new object; nothing keeps it. */
  chunk?(chunk: Chunk, exchange: Exchange): Chunk | Kept;
  /** Returns a refusal, or an error object in the stream, in the plain dialect's words; nothing keeps it. Decides about retries. */
  failure?(failure: ProviderFailure, exchange: Exchange): ProviderFailure | Kept;
}

interface Wire {
  chat: { request: ChatRequest; chunk: ChatChunk };
  responses: { request: Record<string, unknown>; chunk: Record<string, unknown> };
  messages: { request: Record<string, unknown>; chunk: Record<string, unknown> };
}

/** What a provider told about a failure. */
export interface ProviderFailure {
  /** HTTP; 502 for an error inside a stream that names none. */
  readonly status: number;
  readonly code?: string | undefined;
  readonly type?: string | undefined;
  readonly param?: string | undefined;
  readonly message?: string | undefined;
  /** Seconds. */
  readonly retryAfter?: number | undefined;
  /** What it is, where a plugin knows; else the status and the words tell. */
  readonly means?: ErrorCode | undefined;
  /** All that the provider told, as it came. */
  readonly body?: unknown;
}

/** What a client was answered. */
export interface CompleteAnswer {
  readonly id: string;
  /** The whole answer in the client's dialect, as JSON text. */
  readonly body: string;
}

/** How an exchange ended. Times are in milliseconds since the request was read. */
export interface ExchangeSummary {
  readonly status: 'completed' | 'incomplete' | 'failed' | 'aborted';
  readonly httpStatus: number;
  readonly headersMs?: number | undefined;
  readonly firstDeltaMs?: number | undefined;
  readonly endMs: number;
  readonly usage?: Usage | undefined;
  readonly error?: GatewayError | undefined;
  readonly warnings: readonly Warning[];
}
