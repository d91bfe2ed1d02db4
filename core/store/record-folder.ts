import { accessSync, chmodSync, constants, rmSync, statSync } from 'node:fs';
import { lstat, opendir, readFile, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../contract/clock.ts';
import { messageOf } from '../contract/errors.ts';
import type { Log } from '../contract/log.ts';
import type { Limits } from './limits.ts';
import { makeFolder } from './make-folder.ts';
import { fileNameOf, isFileName, unwrapRecord, wrapRecord, writeWhole } from './record-file.ts';
import { isLeftBehind, isTemporary } from './temporary-file.ts';

interface Options {
  folder: string;
  limits: Limits;
  clock: Clock;
  log: Log;
}

interface Found {
  name: string;
  size: number;
  /** Milliseconds since 1970. */
  used: number;
}

const isMissing = (thrown: unknown): boolean => (thrown as NodeJS.ErrnoException).code === 'ENOENT';

/**
 * Stores records as the files of one folder. Memory holds only their names and sizes, the last used last. A file's
 * modification time says when the record was last used, so that other processes and the next start know it too.
 */
export class RecordFolder {
  readonly #options: Options;
  /** Sizes by file name. */
  readonly #index: LRUCache<string, number>;

  private constructor(options: Options) {
    this.#options = options;
    this.#index = new LRUCache<string, number>({
      maxSize: options.limits.bytes,
      sizeCalculation: (size) => size || 1,
      dispose: (_, name, reason) => reason === 'evict' && this.#remove(name),
    });
  }

  /**
   * Indexes records of earlier processes and removes the oldest beyond the limits. Rejects if the folder is unusable.
   */
  static async open(options: Options): Promise<RecordFolder> {
    const { folder } = options;
    makeFolder(folder);
    if (statSync(folder).mode & 0o077) chmodSync(folder, 0o700);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    const records = new RecordFolder(options);
    await records.#scan();
    return records;
  }

  async get(key: string): Promise<unknown> {
    const name = fileNameOf(key);
    const file = this.#path(name);
    const stat = await lstat(file).catch(() => undefined);
    if (!stat) return undefined;
    if (this.#isOld(stat.mtimeMs)) {
      this.#forget(name);
      return undefined;
    }
    try {
      const read = stat.isFile() && stat.size <= this.#options.limits.bytes && unwrapRecord(key, await readFile(file));
      if (read) return await this.#use(name, stat.size, read.record);
    } catch (thrown) {
      if (isMissing(thrown)) return undefined;
    }
    this.#options.log.warn({ file }, 'history record ignored: it is damaged or belongs to another key');
    return undefined;
  }

  async put(key: string, json: string): Promise<void> {
    const { folder, limits, clock, log } = this.#options;
    const name = fileNameOf(key);
    const content = wrapRecord(key, json);
    if (content.length > limits.bytes) {
      log.warn({ file: this.#path(name), bytes: content.length, limit: limits.bytes }, 'history record not stored: it is larger than the limit of the history');
      await this.delete(key);
      return;
    }
    try {
      makeFolder(folder); // a user may have deleted it to clear the history
      await writeWhole(this.#path(name), content, clock.now());
    } catch (thrown) {
      throw new Error(`the history could not be written to ${folder}: ${messageOf(thrown)}`, { cause: thrown });
    }
    this.#enter(name, content.length);
  }

  async delete(key: string): Promise<boolean> {
    const name = fileNameOf(key);
    this.#index.delete(name);
    return rm(this.#path(name)).then(
      () => true,
      (thrown) => {
        if (isMissing(thrown)) return false;
        throw new Error(`a history record could not be removed: ${messageOf(thrown)}`, { cause: thrown });
      },
    );
  }

  /** Removes expired records that nobody reads any more, also those of other processes. */
  async sweep(): Promise<void> {
    try {
      for await (const _ of this.#files());
    } catch (thrown) {
      if (!isMissing(thrown)) this.#options.log.warn(`the history folder could not be read: ${messageOf(thrown)}`);
    }
  }

  /** Marks a record as used. The index may not know it yet: another process may have written it. */
  async #use(name: string, size: number, record: unknown): Promise<unknown> {
    this.#enter(name, size);
    const now = this.#options.clock.now() / 1000;
    // on failure the record is younger in the index than on disk
    await utimes(this.#path(name), now, now).catch(() => {});
    return record;
  }

  /** Limits the entries itself: the cache's own `max` would allocate memory for all of them up front. */
  #enter(name: string, size: number): void {
    this.#index.set(name, size);
    while (this.#index.size > this.#options.limits.entries) this.#index.pop();
  }

  async #scan(): Promise<void> {
    const { limits, log, folder } = this.#options;
    let found: Found[] = [];
    let foreign = 0;
    for await (const each of this.#files()) {
      if (each) found.push(each);
      else foreign++;
      // bounds the memory for a folder of any size
      if (found.length >= 2 * limits.entries + 1024) found = this.#youngest(found);
    }
    for (const { name, size } of this.#youngest(found)) this.#enter(name, size);
    if (foreign > 0) log.warn({ folder, files: foreign }, 'the history folder contains foreign files: they are left alone');
  }

  /** Yields records within the limits of age and size, and removes the others; yields undefined for a foreign file. */
  async *#files(): AsyncGenerator<Found | undefined> {
    const { folder, limits, clock } = this.#options;
    for await (const { name } of await opendir(folder, { bufferSize: 256 })) {
      const stat = await lstat(this.#path(name)).catch(() => undefined);
      if (!stat) continue;
      const used = Math.round(stat.mtimeMs);
      if (isTemporary(name) && stat.isFile()) {
        if (isLeftBehind(name, clock.now() - used)) this.#remove(name);
      } else if (!isFileName(name) || !stat.isFile()) yield undefined;
      else if (this.#isOld(used) || stat.size > limits.bytes) this.#forget(name);
      else yield { name, size: stat.size, used };
    }
  }

  /** Returns the youngest records within the limit of entries, oldest first; removes the others. */
  #youngest(found: Found[]): Found[] {
    found.sort((one, other) => one.used - other.used);
    const spare = Math.max(0, found.length - this.#options.limits.entries);
    for (const { name } of found.slice(0, spare)) this.#remove(name);
    return found.slice(spare);
  }

  #forget(name: string): void {
    this.#index.delete(name);
    this.#remove(name);
  }

  /** Synchronous, because the same name may be written again right after. */
  #remove(name: string): void {
    try {
      rmSync(this.#path(name), { force: true });
    } catch (thrown) {
      this.#options.log.warn({ file: this.#path(name) }, `a history record could not be removed: ${messageOf(thrown)}`);
    }
  }

  #isOld(used: number): boolean {
    return this.#options.clock.now() - Math.round(used) > this.#options.limits.ttl;
  }

  #path(name: string): string {
    return join(this.#options.folder, name);
  }
}
