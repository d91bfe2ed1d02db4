import type { Channel, Item, StreamEvent } from '../contract/canonical.ts';
import type { Exchange } from '../contract/exchange.ts';
import type { Plugin } from '../contract/plugin.ts';
import { isItem } from './left-behind.ts';
import { blame, isSkipped, wrongReturn } from './plugin-faults.ts';
import { named, ONE } from './steps.ts';

export type Events = readonly StreamEvent[];

const MANY = 'return one event, a list of events, [] to drop it, or nothing to leave it unchanged';

/**
 * Makes a step of `event` and `item` handlers: an `events.flatMap` that allocates nothing until something changes,
 * with one `try` per batch instead of one per event.
 */
export function replacingEvents(plugin: Plugin): ((events: Events, exchange: Exchange) => Events) | undefined {
  const handle = eventHandler(plugin);
  if (!handle) return undefined;
  const deltas = plugin.event !== undefined;
  const handler = deltas ? 'event' : 'item';
  return named(plugin, handler, (events, exchange) => {
    try {
      return replaceEach(events, exchange, handle, deltas);
    } catch (thrown) {
      const error = blame(plugin, handler, thrown);
      if (isSkipped(plugin, handler, error, exchange)) return events;
      throw error;
    }
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

/** Nearly all events are deltas, so a plugin without an `event` handler is not called for them. */
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

/** Checks the fields of a new event that other plugins and the front door rely on. */
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
