import type { Exchange } from '../contract/exchange.ts';

/** Gives each call of an answer an id of its own. */
export class CallIds {
  readonly #exchange: Exchange;
  readonly #used = new Set<string>();

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** Returns the provider's id, or a new one if the provider sent none or used it before. */
  take(given: string | null | undefined): string {
    const free = given && !this.#used.has(given);
    if (!free) this.#exchange.warn({ param: 'call_id', reason: given ? 'used_twice' : 'missing' });
    const id = free ? given : this.#exchange.clock.id('call');
    this.#used.add(id);
    return id;
  }
}
