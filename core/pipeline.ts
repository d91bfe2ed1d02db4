import { AsyncSeriesHook, SyncHook, SyncWaterfallHook } from 'tapable';
import type { CanonicalRequest, StreamEvent } from './canonical.ts';
import { GatewayError, messageOf } from './errors.ts';
import type { Dialect, Exchange, Lane } from './exchange.ts';
import type { Awaitable, CompleteAnswer, ExchangeSummary, Plugin, ProviderFailure, WireHandlers } from './plugin.ts';

export type Pipeline = ReturnType<typeof createPipeline>;
export type Events = readonly StreamEvent[];
type Wire = WireHandlers<object, object>;
type HandlerName = 'route' | 'request' | 'item' | 'event' | 'wire.request' | 'wire.chunk' | 'wire.failure' | 'error' | 'complete' | 'end';

/** The hooks that every exchange in this lane, with an upstream of this dialect, passes through. Compiled once. */
export function createPipeline(plugins: readonly Plugin[], dialect: Dialect, lane: Lane) {
  const hooks = {
    route: new AsyncSeriesHook<[Exchange]>(['exchange']),
    request: new AsyncSeriesHook<[CanonicalRequest, Exchange]>(['request', 'exchange']),
    wireRequest: new AsyncSeriesHook<[object, Exchange]>(['body', 'exchange']),
    wireChunk: new SyncWaterfallHook<[object, Exchange]>(['chunk', 'exchange']),
    wireFailure: new SyncWaterfallHook<[ProviderFailure, Exchange]>(['failure', 'exchange']),
    events: new SyncWaterfallHook<[Events, Exchange]>(['events', 'exchange']),
    error: new SyncWaterfallHook<[GatewayError, Exchange]>(['error', 'exchange']),
    complete: new AsyncSeriesHook<[CompleteAnswer, Exchange]>(['answer', 'exchange']),
    end: new SyncHook<[ExchangeSummary, Exchange]>(['summary', 'exchange']),
  };
  const taps = plugins.filter((plugin) => fits(plugin, dialect, lane));
  for (const plugin of taps) {
    const wire = plugin.wire?.[dialect] as Wire | undefined;
    if (plugin.route) hooks.route.tapAsync(plugin.name, series(plugin, 'route', plugin.route));
    if (plugin.request && lane === 'translated') hooks.request.tapAsync(plugin.name, series(plugin, 'request', plugin.request));
    if (wire?.request) hooks.wireRequest.tapAsync(plugin.name, series(plugin, 'wire.request', wire.request));
  }
  for (const plugin of taps.toReversed()) {
    const wire = plugin.wire?.[dialect] as Wire | undefined;
    const event = eventHandler(plugin);
    if (wire?.chunk) hooks.wireChunk.tap(plugin.name, named(plugin, 'wire.chunk', wire.chunk) as never);
    if (wire?.failure) hooks.wireFailure.tap(plugin.name, named(plugin, 'wire.failure', wire.failure) as never);
    const deltas = plugin.event !== undefined;
    const handler = deltas ? 'event' : 'item';
    const each = (events: Events, exchange: Exchange) => (event ? replaceEach(events, exchange, event, deltas) : events);
    if (event && lane === 'translated') hooks.events.tap(plugin.name, named(plugin, handler, each)); // one `try` for a batch, not one for an event
    if (plugin.error) hooks.error.tap(plugin.name, named(plugin, 'error', plugin.error) as never);
    if (plugin.complete && lane === 'translated') hooks.complete.tapPromise(plugin.name, apart(plugin, plugin.complete));
    if (plugin.end) hooks.end.tap(plugin.name, named(plugin, 'end', plugin.end));
  }
  return hooks;
}

/** Which handlers of a plugin run in this lane, for lists and `--order`. */
export function handlersOf(plugin: Plugin, dialect: Dialect, lane: Lane): HandlerName[] {
  if (!fits(plugin, dialect, lane)) return [];
  const { request, chunk, failure } = (plugin.wire?.[dialect] ?? {}) as Wire;
  const { route, error, end } = plugin;
  const canonical = lane === 'translated' ? { request: plugin.request, item: plugin.item, event: plugin.event, complete: plugin.complete } : {};
  const handlers = { route, ...canonical, 'wire.request': request, 'wire.chunk': chunk, 'wire.failure': failure, error, end };
  return (Object.keys(handlers) as (keyof typeof handlers)[]).filter((name) => handlers[name]);
}

function fits(plugin: Plugin, dialect: Dialect, lane: Lane): boolean {
  return [plugin.upstream ?? dialect].flat().includes(dialect) && (plugin.lane ?? lane) === lane;
}

function eventHandler(plugin: Plugin): NonNullable<Plugin['event']> | undefined {
  const event = plugin.event?.bind(plugin);
  const item = plugin.item && named(plugin, 'item', plugin.item);
  if (!item) return event;
  return (streamed, exchange) => {
    if (streamed.type !== 'item.added' && streamed.type !== 'item.done') return event?.(streamed, exchange);
    const changed = item(streamed.item, exchange);
    const kept = changed ? { ...streamed, item: changed } : streamed;
    return event?.(kept, exchange) ?? kept;
  };
}

/** `events.flatMap`, that allocates nothing until something changes. Nearly all events are deltas: who handles none is not called for them. */
function replaceEach(events: Events, exchange: Exchange, handle: NonNullable<Plugin['event']>, deltas: boolean): Events {
  let replaced: StreamEvent[] | undefined;
  for (let at = 0; at < events.length; at++) {
    const event = events[at] as StreamEvent;
    const result = deltas || event.type !== 'item.delta' ? handle(event, exchange) : undefined;
    if (result === undefined || result === event) {
      replaced?.push(event);
      continue;
    }
    replaced ??= events.slice(0, at);
    if (Array.isArray(result)) replaced.push(...result);
    else replaced.push(result as StreamEvent);
  }
  return replaced ?? events;
}

/** A step of a series that waits only for handlers that return a promise. */
function series<First extends unknown[]>(plugin: Plugin, handler: HandlerName, run: (...call: First) => Awaitable<void>) {
  return (...call: [...First, (error?: Error | null) => void]): void => {
    const done = call.pop() as (error?: Error | null) => void;
    let waiting: Awaitable<void>;
    try {
      waiting = run.apply(plugin, call as unknown as First);
    } catch (thrown) {
      return done(blame(plugin, handler, thrown));
    }
    if (waiting === undefined) return done();
    waiting.then(
      () => done(),
      (thrown) => done(blame(plugin, handler, thrown)),
    );
  };
}

/** What one plugin cannot store is no reason for the next not to. */
function apart(plugin: Plugin, complete: NonNullable<Plugin['complete']>) {
  return async (answer: CompleteAnswer, exchange: Exchange): Promise<void> => {
    try {
      await complete.call(plugin, answer, exchange);
    } catch (thrown) {
      const error = blame(plugin, 'complete', thrown);
      exchange.log.error({ err: error }, error.message);
    }
  };
}

function named<First, Result>(plugin: Plugin, handler: HandlerName, run: (first: First, exchange: Exchange) => Result) {
  return (first: First, exchange: Exchange): Result => {
    try {
      return run.call(plugin, first, exchange);
    } catch (thrown) {
      throw blame(plugin, handler, thrown);
    }
  };
}

/** A GatewayError is a refusal on purpose; anything else is the plugin's own failure. */
function blame({ name }: Plugin, handler: HandlerName, thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown.details.plugin ? thrown : thrown.with({ plugin: name });
  return new GatewayError('plugin_failed', `plugin "${name}" failed in ${handler}: ${messageOf(thrown)}`, { plugin: name, cause: thrown });
}
