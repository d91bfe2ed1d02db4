import { z } from 'zod';
import { GatewayError } from '../core/contract/errors.ts';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { parseOptions } from '../core/kit/options.ts';
import { perExchange } from '../core/kit/per-exchange.ts';

const Options = z.strictObject({
  /** The number of requests that may run at the provider at the same time. */
  atMost: z.int().positive().default(1),
  /** The scope of that number: one model, or the whole preset. */
  per: z.enum(['model', 'preset']).default('model'),
});

/** Queues requests in the order of their arrival, for plans that refuse more than a few at a time. */
export function serialise(options: z.input<typeof Options> = {}): Plugin {
  const { atMost, per } = parseOptions('serialise', Options, options);
  const queues = new Map<string, Queue>();
  const places = perExchange((exchange) => ({ key: keyOf(exchange, per), held: false }));

  const request = async (_: object, exchange: Exchange) => {
    const place = places(exchange);
    if (place.held) return;
    const queue = queues.get(place.key) ?? new Queue(atMost);
    queues.set(place.key, queue);
    place.held = true;
    await queue.enter(exchange).catch((left: unknown) => {
      place.held = false;
      throw left;
    });
  };
  return {
    name: 'serialise',
    timeout: 0, // it waits on purpose, for as long as other answers take
    wire: { chat: { request }, responses: { request }, messages: { request } },
    end(_, exchange) {
      const place = places(exchange);
      const queue = queues.get(place.key);
      if (!place.held || !queue) return;
      place.held = false;
      queue.leave();
      if (queue.idle) queues.delete(place.key);
    },
  };
}

function keyOf({ preset, model }: Exchange, per: 'model' | 'preset'): string {
  return JSON.stringify(per === 'model' ? [preset.name, model] : [preset.name]);
}

class Queue {
  readonly #atMost: number;
  readonly #waiting = new Set<() => void>();
  #inside = 0;

  constructor(atMost: number) {
    this.#atMost = atMost;
  }

  get idle(): boolean {
    return this.#inside === 0;
  }

  /** Resolves when it is this exchange's turn; rejects if its client goes away before. */
  enter({ signal }: Exchange): Promise<void> {
    if (this.#inside < this.#atMost) {
      this.#inside++;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const admit = () => {
        signal.removeEventListener('abort', gone);
        resolve();
      };
      const gone = () => {
        this.#waiting.delete(admit);
        reject(new GatewayError('client_gone', 'the client went away while its request waited for another'));
      };
      if (signal.aborted) return gone();
      this.#waiting.add(admit);
      signal.addEventListener('abort', gone, { once: true });
    });
  }

  /** Passes the place on to the next in the queue. */
  leave(): void {
    const [next] = this.#waiting;
    if (!next) {
      this.#inside--;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
