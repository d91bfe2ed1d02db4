import type { Exchange } from '../contract/exchange.ts';

/** Sees to it that each call of an answer has an id, and no two have the same. */
export class CallIds {
  readonly #exchange: Exchange;
  readonly #used = new Set<string>();

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** The provider's own; one made up where it gave none, or one that another call has. */
  take(told: string | null | undefined): string {
    const free = told && !this.#used.has(told);
    if (!free) this.#exchange.warn({ param: 'call_id', reason: told ? 'used_twice' : 'missing' });
    const id = free ? told : this.#exchange.clock.id('call');
    this.#used.add(id);
    return id;
  }
}
