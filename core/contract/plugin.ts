import type { CanonicalRequest, Item, StreamEvent, Usage } from './canonical.ts';
import type { ChatChunk, ChatRequest } from './chat-wire.ts';
import type { Dialect, Lane } from './dialect.ts';
import type { ErrorCode, GatewayError } from './errors.ts';
import type { Exchange, Warning } from './exchange.ts';
import type { ModelFacts } from './facts.ts';

/** A value, or a promise of it. */
export type Awaitable<Value> = Value | Promise<Value>;
// biome-ignore lint/suspicious/noConfusingVoidType: a handler that returns nothing leaves its input unchanged
type Unchanged = void;

/**
 * The features that the gateway may rely on. `history`: completed responses are stored and can be requested again.
 * `client-keys`: the provider gets the client's own key instead of the gateway's.
 */
export const CAPABILITIES = ['history', 'client-keys'] as const;
/**
 * One of the capabilities.
 * @example const plugin: Plugin = { name: 'session-history', provides: 'history', complete: save };
 */
export type Capability = (typeof CAPABILITIES)[number];

/**
 * Transforms one concern of an exchange. On the way to the provider handlers run in the order of the list, on the way
 * back in reverse: a plugin undoes in the stream what it did to the request before earlier plugins see the event.
 * @example
 * const upperCase: Plugin = {
 *   name: 'upper-case',
 *   event: (event) => (event.type === 'item.delta' ? { ...event, delta: event.delta.toUpperCase() } : undefined),
 * };
 */
export interface Plugin {
  /** Unique, in kebab-case. `disable`, traces and errors use it. */
  readonly name: string;
  /** Moves the plugin before the plugin of this name, wherever it is listed. */
  readonly before?: string;
  /** Limits the plugin to these dialects of upstreams: a lowering for Chat must not touch a Responses upstream. */
  readonly upstream?: Dialect | readonly Dialect[];
  /** Limits the plugin to one lane. */
  readonly lane?: Lane;
  /** `last`: after every plugin that a user adds, so that this one sees a provider's error first. */
  readonly place?: 'last';
  /** The plugin keeps something out. No switch of a request disables it, and none of its failures is skipped. */
  readonly guard?: boolean;
  /**
   * `fail` (default): a failing handler fails the exchange. `skip`: the exchange goes on without the plugin, with a
   * warning. A thrown GatewayError is a refusal on purpose, and always fails the exchange.
   */
  readonly onError?: 'fail' | 'skip';
  /** The capabilities of the plugin. Commands and routes look for a capability, never for a name. */
  readonly provides?: Capability | readonly Capability[];
  /** Milliseconds that a handler's promise may take, instead of the gateway's `pluginTimeout`. 0: no limit. */
  readonly timeout?: number;
  /** Runs before the port opens. */
  start?(): Awaitable<void>;
  /** Runs after the last exchange. */
  stop?(): Awaitable<void>;
  /** Any lane, before the upstream is asked: sets the model and headers, reads the client's accent. */
  route?(exchange: Exchange): Awaitable<void>;
  /** Translated lane: changes the canonical request in place. */
  request?(request: CanonicalRequest, exchange: Exchange): Awaitable<void>;
  /** Translated lane: return a replacement for the item added or done, or nothing to leave it unchanged. */
  item?(item: Item, exchange: Exchange): Item | Unchanged;
  /** Translated lane: return one or several replacements, `[]` to drop the event, or nothing to leave it unchanged. */
  event?(event: StreamEvent, exchange: Exchange): StreamEvent | readonly StreamEvent[] | Unchanged;
  /** Any lane, typed per dialect: translates between the plain dialect and the provider's accent. */
  readonly wire?: { readonly [D in Dialect]?: WireHandlers<Wire[D]['request'], Wire[D]['chunk']> };
  /** Return the models to offer, or nothing to leave them unchanged. */
  models?(models: readonly ModelFacts[]): Awaitable<readonly ModelFacts[] | Unchanged>;
  /** Sees every failure once. Return the error that the client gets, or nothing to leave it unchanged. */
  error?(error: GatewayError, exchange: Exchange): GatewayError | Unchanged;
  /**
   * Translated lane, completed answers only: runs before the client sees the end, so that records which must not be
   * lost are stored. A failure is logged, and the client gets its answer all the same.
   */
  complete?(answer: CompleteAnswer, exchange: Exchange): Awaitable<void>;
  /** Observes how the exchange ended. Nobody waits for it, and a failure is only logged. */
  end?(summary: ExchangeSummary, exchange: Exchange): Awaitable<void>;
}

/**
 * An element of a list of plugins: a plugin, a list of them, or a falsy value from a condition.
 * @example const plugins: PluginOption = [chatBasics({ … }), debugging && echo()];
 */
export type PluginOption = Plugin | readonly PluginOption[] | false | null | undefined;

/**
 * Handlers of one dialect's wire format.
 * @example
 * const chat: WireHandlers<ChatRequest, ChatChunk> = {
 *   request: (body) => void delete body['temperature'],
 * };
 */
export interface WireHandlers<Body, Chunk> {
  /** Changes the provider's request body in place, right before the request is sent. */
  request?(body: Body, exchange: Exchange): Awaitable<void>;
  /** Return the chunk in the plain dialect, as a new object, or nothing to leave it unchanged. */
  chunk?(chunk: Chunk, exchange: Exchange): Chunk | Unchanged;
  /**
   * Sees a refusal, or an error object in the stream, before the gateway decides about retries. Return it in the plain
   * dialect's words, or nothing to leave it unchanged.
   */
  failure?(failure: ProviderFailure, exchange: Exchange): ProviderFailure | Unchanged;
}

interface Wire {
  chat: { request: ChatRequest; chunk: ChatChunk };
  responses: { request: Record<string, unknown>; chunk: Record<string, unknown> };
  messages: { request: Record<string, unknown>; chunk: Record<string, unknown> };
}

/**
 * A failure as the provider reported it.
 * @example
 * const busy: ProviderFailure = { status: 429, code: 'rate_limit_exceeded', retryAfter: 2, means: 'rate_limited' };
 */
export interface ProviderFailure {
  /** The HTTP status; 502 for an error inside a stream that names none. */
  readonly status: number;
  readonly code?: string | undefined;
  readonly type?: string | undefined;
  readonly param?: string | undefined;
  readonly message?: string | undefined;
  /** Seconds. */
  readonly retryAfter?: number | undefined;
  /** The meaning, if a plugin knows it. Otherwise the gateway derives it from status, code and message. */
  readonly means?: ErrorCode | undefined;
  /** The provider's whole error body, as it came. */
  readonly body?: unknown;
}

/**
 * The answer that a client got.
 * @example complete: ({ id, body }, exchange) => exchange.store.put('sessions', id, body),
 */
export interface CompleteAnswer {
  readonly id: string;
  /** The whole body in the client's dialect, as JSON text. */
  readonly body: string;
}

/**
 * How an exchange ended. Times are in milliseconds since the request was read.
 * @example end: ({ status, endMs }, { log }) => log.info({ status, endMs }, 'done'),
 */
export interface ExchangeSummary {
  readonly status: 'completed' | 'incomplete' | 'failed' | 'aborted';
  readonly httpStatus: number;
  readonly headersMs?: number | undefined;
  readonly firstDeltaMs?: number | undefined;
  readonly endMs: number;
  readonly usage?: Usage | undefined;
  readonly error?: GatewayError | undefined;
  /** At most 20. */
  readonly warnings: readonly Warning[];
  /** The number of further warnings. */
  readonly moreWarnings?: number | undefined;
}
