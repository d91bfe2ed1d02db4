import type { Clock } from '../contract/clock.ts';
import { messageOf } from '../contract/errors.ts';
import type { Log } from '../contract/log.ts';
import type { Store } from '../contract/store.ts';
import { DiskStore } from './disk-store.ts';
import type { Limits } from './limits.ts';
import { MemoryStore } from './memory-store.ts';

/** Place and limits of the state that is kept across exchanges. */
export interface StoreChoice {
  store: 'memory' | 'disk';
  /** Absolute path; undefined without a state directory. */
  dir: string | undefined;
  limits: Limits;
}

/** Opens the configured store. Falls back to memory, with a warning in the log, if the folder is unusable. */
export async function openStore({ store, dir, limits }: StoreChoice, clock: Clock, log: Log): Promise<Store> {
  if (store === 'memory') return new MemoryStore(clock, limits);
  try {
    if (dir === undefined) throw new Error('there is no home directory to keep it in; name a folder with --history-dir');
    return await DiskStore.open({ dir, clock, log, limits });
  } catch (thrown) {
    log.warn({ dir }, `the history is kept in memory only: ${messageOf(thrown)}`);
    return new MemoryStore(clock, limits);
  }
}
