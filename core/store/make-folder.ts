import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Creates a folder and its missing parents, open to their owner only. Does not use `recursive`: below /proc, and
 * wherever else nothing can be created, Node 24 then tries forever.
 */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || existsSync(dirname(folder))) throw thrown;
    makeFolder(dirname(folder));
    makeFolder(folder);
  }
}
