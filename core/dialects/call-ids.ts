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

/** Gives the calls of a passing answer text for an id, where the provider numbers them. */
export class NumberedIds {
  readonly #exchange: Exchange;
  readonly #prefix: string;
  readonly #made = new Map<unknown, string>();

  constructor(exchange: Exchange, prefix: string) {
    this.#exchange = exchange;
    this.#prefix = prefix;
  }

  /** Returns text as it is. Makes an id for a number, the same one each time, and a new one where there is none. */
  textOf(given: unknown): string {
    if (typeof given === 'string' && given !== '') return given;
    const known = typeof given === 'number' ? this.#made.get(given) : undefined;
    if (known) return known;
    this.#exchange.warn({ param: 'call_id', reason: typeof given === 'number' ? 'no_text' : 'missing' });
    const id = this.#exchange.clock.id(this.#prefix);
    this.#made.set(given, id);
    return id;
  }
}
