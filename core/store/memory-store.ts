import { LRUCache } from 'lru-cache';
import type { Clock } from '../contract/clock.ts';
import { COLLECTIONS, type Collection, type Store } from '../contract/store.ts';
import { LIMITS, type Limits, limitsOf } from './limits.ts';

/** Keeps records as long as the process lives. */
export class MemoryStore implements Store {
  /** Kept as bytes: V8's heap is far smaller than the machine's memory, and strings may take two bytes a character. */
  readonly #collections: Record<Collection, LRUCache<string, Buffer>>;
  readonly #limits: Limits;

  constructor(clock: Clock, limits: Limits = LIMITS) {
    this.#limits = limits;
    const create = (collection: Collection) => {
      const { bytes, ttl } = limitsOf(collection, limits);
      const sizeCalculation = (json: Buffer, key: string) => json.length + key.length;
      return new LRUCache<string, Buffer>({
        maxSize: bytes,
        ttl,
        updateAgeOnGet: true,
        sizeCalculation,
        perf: { now: clock.now },
        ttlResolution: 0,
      });
    };
    this.#collections = Object.fromEntries(COLLECTIONS.map((name) => [name, create(name)])) as Record<Collection, LRUCache<string, Buffer>>;
  }

  async get(collection: Collection, key: string): Promise<unknown> {
    const json = this.#collections[collection].get(key);
    return json === undefined ? undefined : JSON.parse(json.toString());
  }

  async put(collection: Collection, key: string, json: string): Promise<void> {
    const records = this.#collections[collection];
    records.set(key, Buffer.from(json));
    // the cache's own `max` would allocate memory for all entries up front
    while (records.size > limitsOf(collection, this.#limits).entries) records.pop();
  }

  async delete(collection: Collection, key: string): Promise<boolean> {
    return this.#collections[collection].delete(key);
  }

  async close(): Promise<void> {}
}
