import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder that only its user may look into, and those it lies in, where there are none. Not by `recursive`: below
 * /proc, and wherever else nothing can be made, Node 24 tries for ever.
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
