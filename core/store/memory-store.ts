import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import { COLLECTIONS, type Collection, LIMITS, type Limits, limitsOf, type Store } from './store.ts';

/** Keeps records as long as the process lives. */
export class MemoryStore implements Store {
  readonly #collections: Record<Collection, LRUCache<string, string>>;

  constructor(clock: Clock, limits: Limits = LIMITS) {
    const create = (collection: Collection) => {
      const { entries, bytes, ttl } = limitsOf(collection, limits);
      const sizeCalculation = (json: string, key: string) => json.length + key.length;
      return new LRUCache<string, string>({
        max: entries,
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
    this.#collections[collection].set(key, json);
  }

  async delete(collection: Collection, key: string): Promise<boolean> {
    return this.#collections[collection].delete(key);
  }

  async close(): Promise<void> {}
}
