import { AsyncSeriesHook, SyncHook, SyncWaterfallHook } from 'tapable';
import type { CanonicalRequest } from '../contract/canonical.ts';
import type { Dialect, Lane } from '../contract/dialect.ts';
import type { GatewayError } from '../contract/errors.ts';
import type { Exchange } from '../contract/exchange.ts';
import type { CompleteAnswer, ExchangeSummary, Plugin, ProviderFailure, WireHandlers } from '../contract/plugin.ts';
import { systemClock } from '../kit/system-clock.ts';
import { requestFault, routeFault } from './left-behind.ts';
import type { Limits } from './limits.ts';
import { type Events, replacingEvents } from './replacing-events.ts';
import { completing, inPlace, observing, replacing, replacingError } from './steps.ts';

export type Pipeline = ReturnType<typeof createPipeline>;
type Wire = WireHandlers<object, object>;
type HandlerName = 'route' | 'request' | 'item' | 'event' | 'wire.request' | 'wire.chunk' | 'wire.failure' | 'error' | 'complete' | 'end';

/** Milliseconds that a handler's promise may take. */
export const PLUGIN_TIMEOUT = 10_000;
const LIMITS: Limits = { clock: systemClock, pluginTimeout: PLUGIN_TIMEOUT, pending: new Set() };

/** Compiles plugins, once, to the hooks of all exchanges in this lane with an upstream of this dialect. */
export function createPipeline(plugins: readonly Plugin[], dialect: Dialect, lane: Lane, limits = LIMITS) {
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
  const wireName = (handler: string) => `wire.${dialect}.${handler}`;
  const taps = plugins.filter((plugin) => fits(plugin, dialect, lane));
  for (const plugin of taps) {
    const { name, route, request } = plugin;
    const wire = plugin.wire?.[dialect] as Wire | undefined;
    if (route) hooks.route.tapAsync(name, inPlace(plugin, 'route', route, limits, routeFault));
    if (request && lane === 'translated') hooks.request.tapAsync(name, inPlace(plugin, 'request', request, limits, requestFault));
    if (wire?.request) hooks.wireRequest.tapAsync(name, inPlace(plugin, wireName('request'), wire.request, limits));
  }
  for (const plugin of taps.toReversed()) {
    const { name, error, complete, end } = plugin;
    const wire = plugin.wire?.[dialect] as Wire | undefined;
    const events = lane === 'translated' && replacingEvents(plugin);
    if (wire?.chunk) hooks.wireChunk.tap(name, replacing(plugin, wireName('chunk'), wire.chunk, isChunk) as never);
    if (wire?.failure) hooks.wireFailure.tap(name, replacing(plugin, wireName('failure'), wire.failure, isFailure) as never);
    if (events) hooks.events.tap(name, events);
    if (error) hooks.error.tap(name, replacingError(plugin, error) as never);
    if (complete && lane === 'translated') hooks.complete.tapPromise(name, completing(plugin, complete, limits));
    if (end) hooks.end.tap(name, observing(plugin, end, limits));
  }
  return hooks;
}

/** Lists the handlers of a plugin that run in this lane, for `--order` and other lists. */
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

function isChunk(result: object): boolean {
  return !Array.isArray(result) && typeof (result as { then?: unknown }).then !== 'function';
}

function isFailure(result: object): boolean {
  return typeof (result as ProviderFailure).status === 'number';
}
