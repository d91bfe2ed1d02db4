import { createHash } from 'node:crypto';
import { rename, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { withTemporary } from './temporary-file.ts';

/** Keys of the gateway itself: an owner, and an id that is a file name on case-insensitive file systems too. */
const PLAIN = /^[0-9a-f]{16}\.[a-z0-9_-]{1,100}$/;
const NAME = /^(?:[0-9a-f]{16}\.[a-z0-9_-]{1,100}|[a-z0-9._-]{0,60}~[0-9a-f]{32})\.json$/;
const DIGEST = 64;

/** The file name of a key, which may be any text: as readable as a file name can be, and unique to the key. */
export function fileNameOf(key: string): string {
  if (PLAIN.test(key)) return `${key}.json`;
  const readable = key
    .slice(0, 60)
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]/g, '_');
  // hashes the JSON form: UTF-8 encodes all lone surrogates alike
  return `${readable}~${digestOf(JSON.stringify(key)).slice(0, 32)}.json`;
}

export function isFileName(name: string): boolean {
  return NAME.test(name);
}

/** The contents of a record's file: readable JSON with its key and a checksum. */
export function wrapRecord(key: string, json: string): Buffer {
  return Buffer.from(`${headOf(key)}${digestOf(json)}${MIDDLE}${json}${TAIL}`);
}

/** The record; undefined if the file is incomplete, was changed, or belongs to another key. */
export function unwrapRecord(key: string, file: Buffer): { record: unknown } | undefined {
  const head = Buffer.from(headOf(key));
  const from = head.length + DIGEST + MIDDLE.length;
  const json = file.subarray(from, -TAIL.length);
  if (!file.subarray(0, head.length).equals(head) || file.toString('latin1', head.length, head.length + DIGEST) !== digestOf(json)) return undefined;
  return { record: JSON.parse(json.toString()) };
}

const MIDDLE = '","record":';
const TAIL = '}\n';
const headOf = (key: string): string => `{"key":${JSON.stringify(key)},"sha256":"`;

/**
 * Writes a file atomically and flushes it to disk; its age counts from `at` (milliseconds since 1970).
 * Does not use write-file-atomic, which takes a short write on a full disk for a complete one (8.0.0).
 */
export function writeWhole(file: string, content: Buffer, at: number): Promise<void> {
  return withTemporary(async (name) => {
    const temporary = join(dirname(file), name);
    try {
      await writeFile(temporary, content, { mode: 0o600, flag: 'wx', flush: true });
      await utimes(temporary, at / 1000, at / 1000);
      await rename(temporary, file);
    } catch (thrown) {
      await rm(temporary, { force: true });
      throw thrown;
    }
  });
}

function digestOf(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex');
}
