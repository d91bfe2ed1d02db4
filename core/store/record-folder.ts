import { accessSync, chmodSync, constants, rmSync, statSync } from 'node:fs';
import { lstat, opendir, readFile, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../contract/clock.ts';
import { messageOf } from '../contract/errors.ts';
import type { Log } from '../contract/log.ts';
import type { Limits } from './limits.ts';
import { makeFolder } from './make-folder.ts';
import { fileNameOf, isFileName, isTemporary, unwrapRecord, wrapRecord, writeWhole } from './record-file.ts';

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

/** Milliseconds after which a write that left something behind cannot be under way. */
const LEFTOVER = 3_600_000;
const isMissing = (thrown: unknown): boolean => (thrown as NodeJS.ErrnoException).code === 'ENOENT';

/**
 * Records as files of one folder. In memory is only which there are, and how large, the last used last. A file's own
 * time says when it was used, so that other processes and the next start know it too.
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

  /** Takes in what earlier processes left: within the limits, the oldest go first. Rejects where the folder cannot be used. */
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
    this.#options.log.warn({ file }, 'a record of the history is damaged or is not its own: it is not used');
    return undefined;
  }

  async put(key: string, json: string): Promise<void> {
    const { folder, limits, clock, log } = this.#options;
    const name = fileNameOf(key);
    const content = wrapRecord(key, json);
    if (content.length > limits.bytes) {
      log.warn({ file: this.#path(name), bytes: content.length, limit: limits.bytes }, 'a record is larger than the history may be: it is not kept');
      await this.delete(key);
      return;
    }
    try {
      makeFolder(folder); // somebody may have removed it, to have the history forgotten
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
        throw new Error(`a record of the history could not be removed: ${messageOf(thrown)}`, { cause: thrown });
      },
    );
  }

  /** Removes what is too old though nobody asks for it, also what another process left. */
  async sweep(): Promise<void> {
    try {
      for await (const _ of this.#files());
    } catch (thrown) {
      if (!isMissing(thrown)) this.#options.log.warn(`the history could not be looked through: ${messageOf(thrown)}`);
    }
  }

  /** Another process may have written it: the index need not know it yet. */
  async #use(name: string, size: number, record: unknown): Promise<unknown> {
    this.#enter(name, size);
    const now = this.#options.clock.now() / 1000;
    await utimes(this.#path(name), now, now).catch(() => {}); // then it is younger here than there
    return record;
  }

  /** Not by the cache's own `max`: it would set memory aside for all at once. */
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
      if (found.length >= 2 * limits.entries + 1024) found = this.#youngest(found); // a folder of any size fits in memory
    }
    for (const { name, size } of this.#youngest(found)) this.#enter(name, size);
    if (foreign > 0) log.warn({ folder, files: foreign }, 'files in the history are not its own: they are left alone');
  }

  /** Records within their time and size, the others are removed; undefined for a file that is none of ours. */
  async *#files(): AsyncGenerator<Found | undefined> {
    const { folder, limits, clock } = this.#options;
    for await (const { name } of await opendir(folder, { bufferSize: 256 })) {
      const stat = await lstat(this.#path(name)).catch(() => undefined);
      if (!stat) continue;
      const used = Math.round(stat.mtimeMs);
      if (isTemporary(name) && stat.isFile()) {
        if (clock.now() - used > LEFTOVER) this.#remove(name);
      } else if (!isFileName(name) || !stat.isFile()) yield undefined;
      else if (this.#isOld(used) || stat.size > limits.bytes) this.#forget(name);
      else yield { name, size: stat.size, used };
    }
  }

  /** As many as may be kept, oldest first; the others are removed. */
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

  /** Not async: the same name may be written again right after. */
  #remove(name: string): void {
    try {
      rmSync(this.#path(name), { force: true });
    } catch (thrown) {
      this.#options.log.warn({ file: this.#path(name) }, `a record of the history could not be removed: ${messageOf(thrown)}`);
    }
  }

  #isOld(used: number): boolean {
    return this.#options.clock.now() - Math.round(used) > this.#options.limits.ttl;
  }

  #path(name: string): string {
    return join(this.#options.folder, name);
  }
}
