import type { CanonicalRequest, Channel, Item, StreamEvent } from '../contract/canonical.ts';
import type { Clock } from '../contract/clock.ts';
import { GatewayError } from '../contract/errors.ts';
import type { Exchange } from '../contract/exchange.ts';
import type { Awaitable, CompleteAnswer, ExchangeSummary, Plugin } from '../contract/plugin.ts';
import { blame, isPromise, isSkipped, kindOf, wrongReturn } from './plugin-faults.ts';

/** How long handlers may take, and what is still under way when the gateway stops. */
export interface Limits {
  readonly clock: Clock;
  /** Milliseconds a handler may take when it returns a promise; 0 waits for ever. */
  readonly pluginTimeout: number;
  /** `end` handlers that nobody waits for, until the gateway stops. */
  readonly pending: Set<Promise<unknown>>;
}

export type Events = readonly StreamEvent[];

const IN_PLACE = 'change what you are given in place, and return nothing';
const ONE = 'return a replacement, or nothing to leave it unchanged';
const MANY = 'return one event, a list of events, [] to drop it, or nothing to leave it unchanged';

/** A step that changes what it is given in place. It waits only for handlers that return a promise, and for no longer than they may take. */
export function inPlace<Given extends unknown[]>(
  plugin: Plugin,
  handler: string,
  run: (...given: Given) => Awaitable<void>,
  limits: Limits,
  faultOf: (...given: Given) => string | undefined = () => undefined,
) {
  return framed(plugin, handler, (...call: [...Given, (error?: Error | null) => void]): void => {
    const done = call.pop() as (error?: Error | null) => void;
    const given = call as unknown as Given;
    const fail = (thrown: unknown) => {
      const error = blame(plugin, handler, thrown);
      done(faultOf(...given) === undefined && isSkipped(plugin, handler, error, given.at(-1) as Exchange) ? null : error);
    };
    const finish = (result: unknown) => {
      if (result !== undefined) return fail(wrongReturn(result, IN_PLACE));
      const fault = faultOf(...given);
      return fault === undefined ? done() : fail(new TypeError(fault));
    };
    let result: unknown;
    try {
      result = run.apply(plugin, given);
    } catch (thrown) {
      return fail(thrown);
    }
    if (isPromise(result)) within(result, plugin, limits).then(finish, fail);
    else finish(result);
  });
}

/** A step that may return something in place of what it is given. */
export function replacing<Given>(plugin: Plugin, handler: string, run: (given: Given, exchange: Exchange) => unknown, fits: (result: object) => boolean) {
  return framed(plugin, handler, (given: Given, exchange: Exchange): Given | undefined => {
    try {
      const result = run.call(plugin, given, exchange);
      if (result === undefined || (typeof result === 'object' && result !== null && fits(result))) return result as Given | undefined;
      throw wrongReturn(result, ONE);
    } catch (thrown) {
      const error = blame(plugin, handler, thrown);
      if (isSkipped(plugin, handler, error, exchange)) return undefined;
      throw error;
    }
  });
}

/** As `replacing`, of the error itself: one that fails must not hide what the client has to know, nor keep others from it. */
export function replacingError(plugin: Plugin, run: NonNullable<Plugin['error']>) {
  const replace = replacing<GatewayError>(plugin, 'error', run, (result) => result instanceof GatewayError);
  return (given: GatewayError, exchange: Exchange): GatewayError | undefined => {
    try {
      return replace(given, exchange);
    } catch (thrown) {
      const error = blame(plugin, 'error', thrown);
      if (error.code !== 'plugin_failed') return error;
      exchange.log.error({ err: error }, error.message);
      return error.with({ message: `${error.message}; the failure that it was given: ${given.message}`, cause: given });
    }
  };
}

/** `events.flatMap` that allocates nothing until something changes: one `try` and one check for a batch, not for an event. */
export function replacingEvents(plugin: Plugin): ((events: Events, exchange: Exchange) => Events) | undefined {
  const handle = eventHandler(plugin);
  if (!handle) return undefined;
  const deltas = plugin.event !== undefined;
  const handler = deltas ? 'event' : 'item';
  return framed(plugin, handler, (events, exchange) => {
    try {
      return replaceEach(events, exchange, handle, deltas);
    } catch (thrown) {
      const error = blame(plugin, handler, thrown);
      if (isSkipped(plugin, handler, error, exchange)) return events;
      throw error;
    }
  });
}

/** A step whose failure concerns nobody else: what one plugin cannot store is no reason for the next not to. */
export function apart(plugin: Plugin, complete: NonNullable<Plugin['complete']>, limits: Limits) {
  return framed(plugin, 'complete', async (answer: CompleteAnswer, exchange: Exchange): Promise<void> => {
    try {
      const result: unknown = complete.call(plugin, answer, exchange);
      if (isPromise(result)) await within(result, plugin, limits);
    } catch (thrown) {
      const error = blame(plugin, 'complete', thrown);
      exchange.log.error({ err: error }, error.message);
    }
  });
}

/** A step that nobody waits for, but the gateway when it stops. */
export function observing(plugin: Plugin, end: NonNullable<Plugin['end']>, limits: Limits) {
  return framed(plugin, 'end', (summary: ExchangeSummary, exchange: Exchange): void => {
    const fail = (thrown: unknown) => {
      const error = blame(plugin, 'end', thrown);
      exchange.log.error({ err: error }, error.message);
    };
    try {
      const result: unknown = end.call(plugin, summary, exchange);
      if (!isPromise(result)) return;
      const pending = within(result, plugin, limits).then(() => {}, fail);
      limits.pending.add(pending);
      void pending.then(() => limits.pending.delete(pending));
    } catch (thrown) {
      fail(thrown);
    }
  });
}

/** Names the step in every stack it stands in: what a plugin leaves behind can be told from there, and it costs nothing per event. */
function framed<Step extends (...given: never[]) => unknown>({ name }: Plugin, handler: string, step: Step): Step {
  return Object.defineProperty(step, 'name', { value: `plugin "${name}" ${handler}` });
}

/** Rejects when a promise takes longer than the plugin may. */
export function within(result: PromiseLike<unknown>, { timeout }: Plugin, { clock, pluginTimeout }: Pick<Limits, 'clock' | 'pluginTimeout'>): Promise<unknown> {
  const limit = timeout ?? pluginTimeout;
  return new Promise((resolve, reject) => {
    const late = () =>
      reject(
        new Error(
          `it did not finish within ${limit / 1000} s (pluginTimeout); one that waits on purpose states its own "timeout" in milliseconds, or 0 for none`,
        ),
      );
    const timer = limit > 0 ? clock.after(limit, late) : undefined;
    result.then(
      (value) => {
        timer?.stop();
        resolve(value);
      },
      (thrown) => {
        timer?.stop();
        reject(thrown);
      },
    );
  });
}

function eventHandler(plugin: Plugin): NonNullable<Plugin['event']> | undefined {
  const event = plugin.event?.bind(plugin);
  const item = plugin.item && itemHandler(plugin, plugin.item);
  if (!item) return event;
  return (streamed, exchange) => {
    if (streamed.type !== 'item.added' && streamed.type !== 'item.done') return event?.(streamed, exchange);
    const changed = item(streamed.item, exchange);
    const kept = changed ? { ...streamed, item: changed } : streamed;
    return event?.(kept, exchange) ?? kept;
  };
}

function itemHandler(plugin: Plugin, run: NonNullable<Plugin['item']>) {
  return (item: Item, exchange: Exchange): Item | undefined => {
    try {
      const result: unknown = run.call(plugin, item, exchange);
      if (result === undefined || isItem(result)) return result;
      throw wrongReturn(result, ONE);
    } catch (thrown) {
      throw blame(plugin, 'item', thrown);
    }
  };
}

/** Nearly all events are deltas: who handles none is not called for them. */
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
    if (Array.isArray(result)) for (const each of result) replaced.push(checkEvent(each, result));
    else replaced.push(checkEvent(result, result));
  }
  return replaced ?? events;
}

const CHANNELS: Readonly<Record<Channel, true>> = { text: true, refusal: true, summary: true, reasoning: true, arguments: true, input: true };
const ENDS: readonly unknown[] = ['completed', 'incomplete', 'failed'];

/** What others rely on in an event that is new. */
function checkEvent(event: unknown, returned: unknown): StreamEvent {
  if (typeof event !== 'object' || event === null) throw wrongReturn(returned, MANY);
  const { type, key, delta, channel, item, status } = event as Record<string, unknown>;
  switch (type) {
    case 'item.delta':
      if (typeof delta === 'string' && typeof key === 'number' && Object.hasOwn(CHANNELS, channel as string)) return event as StreamEvent;
      throw new TypeError('it returned an item.delta without a number as "key", a known "channel" and a string as "delta"');
    case 'item.added':
    case 'item.done':
      if (typeof key === 'number' && isItem(item)) return event as StreamEvent;
      throw new TypeError(`it returned an ${type} without a number as "key" and an item with a "type"`);
    case 'end':
      if (ENDS.includes(status)) return event as StreamEvent;
      throw new TypeError(`it returned an end whose "status" is none of ${ENDS.join(', ')}`);
    case 'start':
    case 'item.note':
    case 'raw':
      return event as StreamEvent;
    default:
      throw wrongReturn(returned, MANY);
  }
}

function isItem(value: unknown): value is Item {
  return typeof value === 'object' && value !== null && typeof (value as Item).type === 'string';
}

/** What is wrong with the request that a handler left behind. */
export function requestFault({ model, input, tools }: CanonicalRequest): string | undefined {
  if (model !== undefined && typeof model !== 'string') return `it left request.model as ${kindOf(model)}; a string is expected`;
  if (!Array.isArray(input)) return `it left request.input as ${kindOf(input)}; a list of items is expected`;
  const at = input.findIndex((item) => !isItem(item));
  if (at >= 0) return `it left request.input[${at}] as ${kindOf(input[at])}; an item with a "type" is expected`;
  if (tools === undefined || tools === null) return undefined;
  if (!Array.isArray(tools)) return `it left request.tools as ${kindOf(tools)}; a list of tools is expected`;
  const wrong = tools.findIndex((tool) => !isItem(tool));
  return wrong < 0 ? undefined : `it left request.tools[${wrong}] as ${kindOf(tools[wrong])}; a tool with a "type" is expected`;
}

/** What is wrong with the exchange that a `route` handler left behind. */
export function routeFault({ model, upstream }: Exchange): string | undefined {
  if (typeof model !== 'string') return `it left exchange.model as ${kindOf(model)}; a name is expected`;
  if (!(upstream.url instanceof URL)) return `it left exchange.upstream.url as ${kindOf(upstream.url)}; a URL is expected: new URL('https://…')`;
  const odd = Object.entries(upstream.headers).find(([, value]) => typeof value !== 'string');
  return odd && `it left exchange.upstream.headers["${odd[0]}"] as ${kindOf(odd[1])}; a string is expected`;
}
