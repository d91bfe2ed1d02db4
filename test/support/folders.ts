import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Codex warns if its home is among the system's temporary files. */
const CACHE = join(import.meta.dirname, '..', 'e2e', 'node_modules', '.cache', 'tapline');
const made: string[] = [];
process.on('exit', () => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

/** Creates a folder with these files to work in; it is removed when the tests end. */
export function workFolder(files: Record<string, string> = {}): string {
  const folder = make(realpathSync(tmpdir()));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** Creates an empty home for a client; it is removed when the tests end. */
export function homeFolder(): string {
  mkdirSync(CACHE, { recursive: true });
  return make(CACHE);
}

function make(parent: string): string {
  const folder = mkdtempSync(join(parent, 'tapline-e2e-'));
  made.push(folder);
  return folder;
}
