import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import { COLLECTIONS, type Collection, LIMITS, type Limits, limitsOf, type Store } from './store.ts';

/** Keeps records as long as the process lives. */
export class MemoryStore implements Store {
  readonly #collections: Record<Collection, LRUCache<string, string>>;

  readonly #limits: Limits;

  constructor(clock: Clock, limits: Limits = LIMITS) {
    this.#limits = limits;
    const create = (collection: Collection) => {
      const { bytes, ttl } = limitsOf(collection, limits);
      const sizeCalculation = (json: string, key: string) => json.length + key.length;
      return new LRUCache<string, string>({
        maxSize: bytes,
        ttl,
        updateAgeOnGet: true,
        sizeCalculation,
        perf: { now: clock.now },
        ttlResolution: 0,
      });
    };
    this.#collections = Object.fromEntries(COLLECTIONS.map((name) => [name, create(name)])) as Record<Collection, LRUCache<string, string>>;
  }

  async get(collection: Collection, key: string): Promise<unknown> {
    const json = this.#collections[collection].get(key);
    return json === undefined ? undefined : JSON.parse(json);
  }

  async put(collection: Collection, key: string, json: string): Promise<void> {
    const records = this.#collections[collection];
    records.set(key, json);
    while (records.size > limitsOf(collection, this.#limits).entries) records.pop(); // `max` would set memory aside for all at once
  }

  async delete(collection: Collection, key: string): Promise<boolean> {
    return this.#collections[collection].delete(key);
  }

  async close(): Promise<void> {}
}
