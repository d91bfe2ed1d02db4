import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { installPython } from './support/run-python.ts';

/** `npm run test:e2e`: installs the pinned clients when they are missing or others, then runs the end-to-end tests. Arguments go to mocha. */
const FOLDER = import.meta.dirname;

interface Locked {
  version?: string;
  optional?: boolean;
}

if (!isInstalled()) install();
installPython();
process.exitCode = runTests(process.argv.slice(2));

/** Whether what npm put into node_modules is what the lockfile asks for; optional packages are those of other machines. */
function isInstalled(): boolean {
  const wanted = packagesOf('package-lock.json');
  const found = packagesOf('node_modules/.package-lock.json');
  const present = Object.entries(wanted).every(([path, { version, optional }]) => path === '' || optional || found[path]?.version === version);
  return present && Object.entries(found).every(([path, { version }]) => wanted[path]?.version === version);
}

function packagesOf(file: string): Record<string, Locked> {
  const path = join(FOLDER, file);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { packages: Record<string, Locked> }).packages : {};
}

function install(): void {
  process.stdout.write('Installing the real clients the end-to-end tests run. Codex alone is 800 MB: this takes a while, once.\n');
  // not `npm ci`: it refuses the lockfile where a registry lacks one client's builds for other machines
  const progress = ['--no-save', '--loglevel', 'http', '--no-audit', '--no-fund'];
  const { status, error } = spawnSync('npm', ['install', '--prefix', FOLDER, ...progress], { stdio: 'inherit', shell: process.platform === 'win32' });
  if (status === 0) return;
  process.stderr.write(`npm install --prefix ${FOLDER} failed${error ? `: ${error.message}` : ''}: without the clients nothing is tested\n`);
  process.exit(1);
}

function runTests(more: readonly string[]): number {
  const mocha = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.e2e.ts'));
  // --exit: what a failed test leaves open must not keep the others' result back
  const words = ['--exit', '--no-config', '--timeout', '90000', '--reporter', 'spec', '--forbid-only', '--forbid-pending', ...more];
  const { status } = spawnSync(process.execPath, [mocha, ...words, ...files.map((name) => join(FOLDER, name))], { stdio: 'inherit' });
  return status ?? 1;
}
