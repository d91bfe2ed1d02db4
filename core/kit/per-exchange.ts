import type { Exchange } from '../contract/exchange.ts';

/**
 * Gives a plugin one value per exchange, to carry from the request to its stream.
 * It is made on first use and collected together with the exchange.
 *
 * @example
 * const sentNames = perExchange(() => new Map<string, string>());
 * sentNames(exchange).set('mcp__fs__read', 'mcp.fs.read');
 */
export function perExchange<Value>(create: (exchange: Exchange) => Value): (exchange: Exchange) => Value {
  const slot = slots++;
  return (exchange) => {
    let value = exchange.kept[slot] as Value | undefined;
    if (value === undefined) {
      value = create(exchange);
      exchange.kept[slot] = value;
    }
    return value;
  };
}

/** How many plugins keep something: a place in an exchange's own list is found ten times as fast as in a WeakMap, for every event. */
let slots = 0;
