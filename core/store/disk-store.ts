import { join } from 'node:path';
import type { Clock, Timer } from '../contract/clock.ts';
import type { Log } from '../contract/log.ts';
import { COLLECTIONS, type Collection, type Store } from '../contract/store.ts';
import { LIMITS, type Limits, limitsOf } from './limits.ts';
import { RecordFolder } from './record-folder.ts';

interface DiskOptions {
  /** The folder that holds one subfolder per collection. */
  dir: string;
  clock: Clock;
  log: Log;
  limits?: Limits;
}

type Folders = Record<Collection, RecordFolder>;
/** Milliseconds between two sweeps for expired records. */
const SWEEP = 3_600_000;

/** Keeps records as files: they outlive the process, and other processes of the same user can read them. */
export class DiskStore implements Store {
  readonly #folders: Folders;
  readonly #sweeping: Timer;

  private constructor(folders: Folders, clock: Clock) {
    this.#folders = folders;
    this.#sweeping = clock.after(SWEEP, () => void this.#sweep());
  }

  /** Opens the store in a folder. Rejects if the folder is unusable. */
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
