import { createHash, randomUUID } from 'node:crypto';
import { rename, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What the gateway's own keys look like: an owner, and an id that a file system takes as it is, whatever it thinks of capitals. */
const PLAIN = /^[0-9a-f]{16}\.[a-z0-9_-]{1,100}$/;
const NAME = /^(?:[0-9a-f]{16}\.[a-z0-9_-]{1,100}|[a-z0-9._-]{0,60}~[0-9a-f]{32})\.json$/;
const TEMPORARY = /^[0-9a-f-]{36}\.tmp$/;
const DIGEST = 64;

/** The file of a key, which may be any text: readable as far as a file name may be, and another for each key. */
export function fileNameOf(key: string): string {
  if (PLAIN.test(key)) return `${key}.json`;
  const readable = key
    .slice(0, 60)
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]/g, '_');
  return `${readable}~${digestOf(JSON.stringify(key)).slice(0, 32)}.json`; // as JSON: UTF-8 alone takes halves of characters for the same
}

export function isFileName(name: string): boolean {
  return NAME.test(name);
}

/** What an interrupted write leaves behind. */
export function isTemporary(name: string): boolean {
  return TEMPORARY.test(name);
}

/** A record as its file holds it: JSON to look at, that tells whose it is and whether it is whole. */
export function wrapRecord(key: string, json: string): Buffer {
  return Buffer.from(`${headOf(key)}${digestOf(json)}${MIDDLE}${json}${TAIL}`);
}

/** The record; undefined where the file is not whole, was changed, or is another's. */
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
 * Puts a file there whole, or not at all, and on the disk; its age counts from `at` (milliseconds since 1970).
 * Not with write-file-atomic: on a full disk it takes a write cut short for a whole one (8.0.0).
 */
export async function writeWhole(file: string, content: Buffer, at: number): Promise<void> {
  const temporary = join(dirname(file), `${randomUUID()}.tmp`);
  try {
    await writeFile(temporary, content, { mode: 0o600, flag: 'wx', flush: true });
    await utimes(temporary, at / 1000, at / 1000);
    await rename(temporary, file);
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw thrown;
  }
}

function digestOf(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex');
}
