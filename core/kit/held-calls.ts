import type { FunctionCall, Item, StreamEvent } from '../contract/canonical.ts';
import type { Exchange } from '../contract/exchange.ts';
import type { Plugin } from '../contract/plugin.ts';
import { perExchange } from './per-exchange.ts';

interface Raising {
  /** True if the called function stands for a tool of another kind. */
  isOurs(call: FunctionCall, exchange: Exchange): boolean;
  /** Returns the client's own kind of call. The arguments are empty when the call is added. */
  raise(call: FunctionCall): Item;
  /** Returns the deltas of the item, once it is whole. */
  deltas?(key: number, item: Item): StreamEvent[];
}

/**
 * Creates an `event` handler that raises function calls to another kind of call. It holds back a call's arguments
 * until they are whole, because the other kind has another form for them.
 */
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

/** Parses arguments. Returns an empty object if they are not a JSON object. */
export function parseArguments(json: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(json);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Reads the one text argument of a tool: models also rename it, send the bare text, or put it in a code fence. */
export function onlyText(json: string, name = 'input'): string {
  const text = unwrap(json, name);
  const [, fenced] = /^\s*```[\w-]*\n([\s\S]*?)\n?```\s*$/.exec(text) ?? [];
  return fenced === undefined || /^```/m.test(fenced) ? text : fenced;
}

function unwrap(json: string, name: string): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return json;
  }
  if (typeof parsed === 'string') return parsed;
  if (typeof parsed !== 'object' || parsed === null) return json;
  const named = (parsed as Record<string, unknown>)[name];
  if (typeof named === 'string') return named;
  const [only, ...others] = Object.values(parsed);
  if (only === undefined) return '';
  return typeof only === 'string' && others.length === 0 ? only : json;
}
