import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child, plainEnvironment } from '../../support/child.ts';
import { workFolder } from '../../support/folders.ts';

const FOLDER = join(import.meta.dirname, '..');
/** What is pinned where: the servers want other versions than the clients. */
const PINS = { clients: 'requirements.txt', servers: 'servers.txt' } as const;
type Kind = keyof typeof PINS;
/** Milliseconds a script may take. */
const LONGEST = 30_000;
/** Milliseconds a server may live. */
const LIFE = 300_000;

const pinsOf = (kind: Kind): string => join(FOLDER, PINS[kind]);
const cacheOf = (kind: Kind): string => join(FOLDER, 'node_modules', '.cache', kind === 'clients' ? 'tapline-python' : 'tapline-servers');

/** Installs the pinned Python clients and servers when they are missing or others. */
export function installPython(): void {
  for (const kind of ['clients', 'servers'] as const) install(kind);
}

/** Runs a script with the clients, or with what is installed for the servers; returns what it printed. */
export async function runPython(script: string, environment: Record<string, string>, kind: Kind = 'clients'): Promise<string> {
  const child = start(kind, 'python', ['-c', script], environment, LONGEST);
  const exitCode = await child.ended;
  if (exitCode !== 0) throw new Error(`it ended with ${exitCode}\n${child.stdout}\n${child.stderr}`);
  return child.stdout;
}

/** Starts a server that is written in Python, or a script of `support/` with what is installed for them. */
export function startServer(program: string, words: readonly string[], environment: Record<string, string> = {}): Child {
  return start('servers', program, words, environment, LIFE);
}

function start(kind: Kind, program: string, words: readonly string[], environment: Record<string, string>, timeout: number): Child {
  return new Child(join(cacheOf(kind), 'bin', program), words, { folder: workFolder(), environment: plainEnvironment(environment), timeout });
}

/** Every package is pinned: nothing has to be resolved, and what a server only needs for other uses is left out. */
function install(kind: Kind): void {
  const [wanted, cache] = [readFileSync(pinsOf(kind), 'utf8'), cacheOf(kind)];
  const stamp = join(cache, 'installed.txt');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  rmSync(cache, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  run('python3', ['-m', 'venv', cache]);
  run(join(cache, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', '--no-deps', '-r', pinsOf(kind)]);
  writeFileSync(stamp, wanted);
}

function run(program: string, words: readonly string[]): void {
  const { status, error, stderr } = spawnSync(program, words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${words.join(' ')} failed: ${error?.message ?? stderr}`);
}
