import type { Exchange } from '../contract/exchange.ts';
import { perExchange } from './per-exchange.ts';

const added = perExchange(() => ({ characters: 0 }));

/**
 * Counts what a plugin adds to a request out of records, together with all other plugins. Returns false, and counts
 * nothing, if the exchange's limit would be exceeded: a small body may refer to one large record many times.
 */
export function mayExpand(exchange: Exchange, characters: number): boolean {
  const sum = added(exchange);
  if (sum.characters + characters > exchange.expandedLimit) return false;
  sum.characters += characters;
  return true;
}
