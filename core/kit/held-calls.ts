import type { FunctionCall, Item, StreamEvent } from '../contract/canonical.ts';
import type { Exchange } from '../contract/exchange.ts';
import type { Plugin } from '../contract/plugin.ts';
import { perExchange } from './per-exchange.ts';

interface Raising {
  /** Whether a call is one to a function that stands for a tool of another kind. */
  isOurs(call: FunctionCall, exchange: Exchange): boolean;
  /** The client's own kind of call; when it is added its arguments are empty. */
  raise(call: FunctionCall): Item;
  /** What streams of the item, once it is whole. */
  deltas?(key: number, item: Item): StreamEvent[];
}

/** An `event` handler that holds a call's arguments back until they are whole, since another kind of call has another form for them. */
export function heldCalls({ isOurs, raise, deltas = () => [] }: Raising): NonNullable<Plugin['event']> {
  const held = perExchange(() => new Set<number>());

  return (event, exchange) => {
    switch (event.type) {
      case 'item.added':
        if (event.item.type !== 'function_call' || !isOurs(event.item, exchange)) return;
        held(exchange).add(event.key);
        return { ...event, item: raise({ ...event.item, arguments: '' }) };
      case 'item.delta':
        return event.channel === 'arguments' && held(exchange).has(event.key) ? [] : undefined;
      case 'item.done': {
        if (event.item.type !== 'function_call' || !held(exchange).has(event.key)) return;
        const item = raise(event.item);
        return [...deltas(event.key, item), { ...event, item }];
      }
    }
  };
}

/** Arguments as an object; an empty one where they are none. */
export function parseArguments(json: string): Record<string, unknown> {
  try {
    const told: unknown = JSON.parse(json);
    return typeof told === 'object' && told !== null && !Array.isArray(told) ? (told as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** The text of a tool with one text argument: models also use another name for it, send the bare text, or fence it. */
export function onlyText(json: string, name = 'input'): string {
  const text = unwrap(json, name);
  const [, fenced] = /^\s*```[\w-]*\n([\s\S]*?)\n?```\s*$/.exec(text) ?? [];
  return fenced === undefined || /^```/m.test(fenced) ? text : fenced;
}

function unwrap(json: string, name: string): string {
  let told: unknown;
  try {
    told = JSON.parse(json);
  } catch {
    return json;
  }
  if (typeof told === 'string') return told;
  if (typeof told !== 'object' || told === null) return json;
  const named = (told as Record<string, unknown>)[name];
  if (typeof named === 'string') return named;
  const [only, ...others] = Object.values(told);
  if (only === undefined) return '';
  return typeof only === 'string' && others.length === 0 ? only : json;
}
