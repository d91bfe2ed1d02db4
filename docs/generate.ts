import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { allPages } from './all-pages.ts';

const FOLDER = new URL('plugins/', import.meta.url);
const check = process.argv.includes('--check');

mkdirSync(FOLDER, { recursive: true });
const pages = await allPages();
const left = readdirSync(FOLDER)
  .map((file) => `plugins/${file}`)
  .filter((path) => !pages.has(path));

for (const path of left) {
  if (check) complain(path, 'belongs to no plugin');
  else rmSync(new URL(path, import.meta.url));
}
for (const [path, page] of pages) {
  const url = new URL(path, import.meta.url);
  if (!check) writeFileSync(url, page);
  else if (!existsSync(url) || readFileSync(url, 'utf8') !== page) complain(path, 'is stale');
}

function complain(path: string, problem: string): void {
  console.error(`docs/${path} ${problem}: run \`npm run docs\` and commit what it writes`);
  process.exitCode = 1;
}
