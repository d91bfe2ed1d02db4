import { type ChildProcess, execFile, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The CPU core for the measured process, and the core for everything else. */
export const MEASURED = 1;
export const OTHERS = 0;
/** The kernel counts CPU time in ticks of 10 ms. */
const TICK = 10;
const pinned = availableParallelism() > 1 && hasTaskset();
const children: ChildProcess[] = [];
process.on('exit', stopAll);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

export interface Server {
  process: ChildProcess;
  url: string;
}

/** Starts one of this folder's scripts, or the gateway, and waits until it prints its address. */
export async function startServer(core: number, args: readonly string[], options: SpawnOptions = {}): Promise<Server> {
  const [command, all] = commandOn(core, args);
  const child = spawn(command, all, { stdio: ['ignore', 'pipe', 'ignore'], ...options });
  children.push(child);
  let printed = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  for (;;) {
    const url = /listens on (http:\S+)/.exec(printed)?.[1];
    if (url) return { process: child, url };
    const [code] = await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), once(child, 'exit')]);
    if (typeof code === 'number') throw new Error(`${args.join(' ')}: ended with ${code}`);
  }
}

export function stopAll(): void {
  for (const child of children.splice(0)) child.kill('SIGKILL');
}

/** Runs a script to its end and returns the JSON it prints. */
export async function runScript(core: number, args: readonly string[]): Promise<unknown> {
  const { stdout } = await promisify(execFile)(...commandOn(core, args));
  return JSON.parse(stdout);
}

/** Returns the milliseconds of CPU time that a process has used, in user and kernel mode. */
export function cpuOf({ pid }: ChildProcess): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK;
}

/** Returns the path of a module, given in the form of `import.meta.resolve`. */
export function script(url: string): string {
  return fileURLToPath(url);
}

function commandOn(core: number, args: readonly string[]): [string, string[]] {
  return pinned ? ['taskset', ['-c', String(core), process.execPath, ...args]] : [process.execPath, [...args]];
}

function hasTaskset(): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, 'taskset'));
      return true;
    } catch {
      return false;
    }
  });
}
