import type { Exchange } from '../contract/exchange.ts';

/**
 * Gives a plugin one value per exchange, to carry data from the request to its stream.
 * The value is created on first use and collected together with the exchange.
 *
 * @example
 * const sentNames = perExchange(() => new Map<string, string>());
 * sentNames(exchange).set('mcp__fs__read', 'mcp.fs.read');
 */
export function perExchange<Value>(create: (exchange: Exchange) => Value): (exchange: Exchange) => Value {
  const slot = counter[SLOTS] ?? 0;
  counter[SLOTS] = slot + 1;
  return (exchange) => {
    let value = exchange.kept[slot] as Value | undefined;
    if (value === undefined) {
      value = create(exchange);
      exchange.kept[slot] = value;
    }
    return value;
  };
}

/**
 * The next free index, shared by all copies of this module in the process: a config may import one by its path. An array
 * access takes a tenth of the time of a WeakMap's lookup, for every event.
 */
const counter = globalThis as unknown as Record<symbol, number | undefined>;
const SLOTS = Symbol.for('tapline.perExchange');
