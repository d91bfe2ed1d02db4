import type { Collection, Store } from '../../core/contract/store.ts';

/** The records by `collection/key`, without their owner. */
export class RecordingStore implements Store {
  readonly all: Record<string, unknown>;
  /** The number of writes. */
  writes = 0;

  constructor(before: Record<string, unknown> = {}) {
    this.all = { ...before };
  }

  async get(collection: Collection, key: string): Promise<unknown> {
    return structuredClone(this.all[nameOf(collection, key)]);
  }

  async put(collection: Collection, key: string, json: string): Promise<void> {
    this.writes++;
    this.all[nameOf(collection, key)] = JSON.parse(json);
  }

  async delete(collection: Collection, key: string): Promise<boolean> {
    this.writes++;
    return delete this.all[nameOf(collection, key)];
  }

  async close(): Promise<void> {}
}

function nameOf(collection: Collection, key: string): string {
  return `${collection}/${key.slice(key.indexOf('.') + 1)}`;
}
