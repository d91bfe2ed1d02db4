import { join } from 'node:path';
import type { Clock, Timer } from '../contract/clock.ts';
import type { Log } from '../contract/log.ts';
import { COLLECTIONS, type Collection, type Store } from '../contract/store.ts';
import { LIMITS, type Limits, limitsOf } from './limits.ts';
import { RecordFolder } from './record-folder.ts';

interface DiskOptions {
  /** Gets a folder for each collection. */
  dir: string;
  clock: Clock;
  log: Log;
  limits?: Limits;
}

type Folders = Record<Collection, RecordFolder>;
/** Milliseconds between two looks for what is too old. */
const SWEEP = 3_600_000;

/** Keeps records as files: they outlive the process, and another one of the same user reads them. */
export class DiskStore implements Store {
  readonly #folders: Folders;
  readonly #sweeping: Timer;

  private constructor(folders: Folders, clock: Clock) {
    this.#folders = folders;
    this.#sweeping = clock.after(SWEEP, () => void this.#sweep());
  }

  /** Rejects where the folder cannot be used. */
  static async open({ dir, clock, log, limits = LIMITS }: DiskOptions): Promise<DiskStore> {
    const folders = COLLECTIONS.map(async (name) => {
      return [name, await RecordFolder.open({ folder: join(dir, name), limits: limitsOf(name, limits), clock, log })] as const;
    });
    return new DiskStore(Object.fromEntries(await Promise.all(folders)) as Folders, clock);
  }

  get(collection: Collection, key: string): Promise<unknown> {
    return this.#folders[collection].get(key);
  }

  put(collection: Collection, key: string, json: string): Promise<void> {
    return this.#folders[collection].put(key, json);
  }

  delete(collection: Collection, key: string): Promise<boolean> {
    return this.#folders[collection].delete(key);
  }

  async close(): Promise<void> {
    this.#sweeping.stop();
  }

  async #sweep(): Promise<void> {
    this.#sweeping.refresh();
    for (const folder of Object.values(this.#folders)) await folder.sweep();
  }
}
