import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child, plainEnvironment } from './child.ts';
import { workFolder } from './folders.ts';

const REQUIREMENTS = join(import.meta.dirname, '..', 'requirements.txt');
const CACHE = join(import.meta.dirname, '..', 'node_modules', '.cache', 'tapline-python');
/** Milliseconds a script may take. */
const LONGEST = 30_000;

/** Installs the pinned Python clients when they are missing or others. */
export function installPython(): void {
  const wanted = readFileSync(REQUIREMENTS, 'utf8');
  const stamp = join(CACHE, 'installed.txt');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  rmSync(CACHE, { recursive: true, force: true });
  mkdirSync(CACHE, { recursive: true });
  run('python3', ['-m', 'venv', CACHE]);
  run(join(CACHE, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', '-r', REQUIREMENTS]);
  writeFileSync(stamp, wanted);
}

/** Runs a script; returns what it printed. */
export async function runPython(script: string, environment: Record<string, string>): Promise<string> {
  const child = new Child(join(CACHE, 'bin/python'), ['-c', script], { folder: workFolder(), environment: plainEnvironment(environment), timeout: LONGEST });
  const exitCode = await child.ended;
  if (exitCode !== 0) throw new Error(`it ended with ${exitCode}\n${child.stdout}\n${child.stderr}`);
  return child.stdout;
}

function run(program: string, words: readonly string[]): void {
  const { status, error, stderr } = spawnSync(program, words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${words.join(' ')} failed: ${error?.message ?? stderr}`);
}
