import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

const TEMPORARY = /^[0-9a-f-]{36}(?:\.([0-9a-f]{12})\.(\d{1,10}))?\.tmp$/;
/** Milliseconds after which a temporary file can only be the leftover of an interrupted write. */
const LEFTOVER = 3_600_000;

/** Where a process id means a process: this boot of this machine, and this container. Another one may share the folder. */
const PLACE = createHash('sha256')
  .update(JSON.stringify([hostname(), readOr(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')), readOr(() => readlinkSync('/proc/self/ns/pid'))]))
  .digest('hex')
  .slice(0, 12);
const written = new Set<string>();

/** Calls `write` with the name of a file of its own, which tells other processes who writes it. */
export async function withTemporary(write: (name: string) => Promise<void>): Promise<void> {
  const name = `${randomUUID()}.${PLACE}.${process.pid}.tmp`;
  written.add(name);
  try {
    await write(name);
  } finally {
    written.delete(name);
  }
}

/** True for a file that an interrupted write leaves behind, or that is being written. */
export function isTemporary(name: string): boolean {
  return TEMPORARY.test(name);
}

/** True if nobody writes it any more: its process is gone, or it is too old. `age` in milliseconds. */
export function isLeftBehind(name: string, age: number): boolean {
  const [, place, pid] = TEMPORARY.exec(name) ?? [];
  return age > LEFTOVER || (place === PLACE && !written.has(name) && (Number(pid) === process.pid || !isRunning(Number(pid))));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code !== 'ESRCH'; // another user's process may not be asked
  }
}

/** Only Linux has these files. */
function readOr(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
