/** Finds the calls with which an answer ends that is nothing but thoughts: the client's turn would end without a word. */
import { type Item, type StreamEvent, textOf } from '../contract/canonical.ts';
import type { Exchange } from '../contract/exchange.ts';
import type { Plugin } from '../contract/plugin.ts';
import { perExchange } from './per-exchange.ts';

type EventHandler = NonNullable<Plugin['event']>;

/** Calls stand at the end of the thoughts: of longer ones only so much is read. */
const LONGEST = 65_536;

interface Call {
  name: string;
  arguments: object;
}

/**
 * Wraps a handler that finds calls in the visible text. A call in the thoughts counts if the answer is complete, holds
 * nothing else, and ends with whole calls of declared tools: elsewhere a model may only think about calling.
 */
export function withThoughtCalls(name: string, callsAtEnd: (thoughts: string, exchange: Exchange) => readonly Call[], read: EventHandler): EventHandler {
  const heard = perExchange(() => ({ thoughts: '', other: false }));

  return (event, exchange) => {
    const replaced = read(event, exchange);
    if (event.type !== 'item.done' && event.type !== 'end') return replaced;
    const events = replaced === undefined ? [event] : [replaced].flat();
    const state = heard(exchange);
    for (const each of events) {
      if (each.type !== 'item.done') continue;
      if (each.item.type === 'reasoning') state.thoughts = textOf(each.item.content?.length ? each.item.content : each.item.summary);
      else state.other ||= !isBlank(each.item);
    }
    if (event.type !== 'end' || event.status !== 'completed' || state.other || state.thoughts === '') return replaced;
    const calls = callsAtEnd(state.thoughts.slice(-LONGEST), exchange);
    if (calls.length === 0) return replaced;
    exchange.log.info({ plugin: name, calls: calls.length }, `${name}: the model called tools inside its thoughts`);
    return [...events.slice(0, -1), ...calls.flatMap((call) => callEvents(call, exchange)), event];
  };
}

function isBlank(item: Item): boolean {
  return item.type === 'message' && textOf(item.content).trim() === '';
}

function callEvents(call: Call, exchange: Exchange): StreamEvent[] {
  const key = exchange.newKey();
  const json = JSON.stringify(call.arguments);
  const item = { type: 'function_call' as const, call_id: exchange.clock.id('call'), name: call.name, arguments: '' };
  return [
    { type: 'item.added', key, item },
    { type: 'item.delta', key, channel: 'arguments', delta: json },
    { type: 'item.done', key, item: { ...item, arguments: json } },
  ];
}
