import { type ChildProcess, spawn } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import type { Readable } from 'node:stream';

/**
 * Returns the variables that any program needs to run, and no others: no key, and no option of the shell in which the
 * tests run. The Node of the tests comes first.
 */
export function plainEnvironment(more: Record<string, string> = {}): Record<string, string> {
  const { PATH = '', SystemRoot } = process.env;
  return { PATH: dirname(process.execPath) + delimiter + PATH, NO_PROXY: '127.0.0.1', ...(SystemRoot && { SystemRoot }), ...more };
}

const running = new Set<Child>();
/** Kills the programs that a failed test left behind. */
process.on('exit', () => {
  for (const child of running) child.kill();
});

interface Options {
  folder: string;
  environment: Record<string, string>;
  /** The milliseconds until it is killed. */
  timeout: number;
}

/** A program under test: its output so far, and how it ended. */
export class Child {
  stdout = '';
  stderr = '';
  readonly ended: Promise<number | null>;
  readonly #process: ChildProcess;
  #hasEnded = false;
  #waiting: (() => void)[] = [];

  constructor(program: string, words: readonly string[], { folder, environment, timeout }: Options) {
    // a process group of its own, so that everything it started ends with it
    const started = spawn(program, words, { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    this.#process = started;
    this.#read(started.stdout, (text) => {
      this.stdout += text;
    });
    this.#read(started.stderr, (text) => {
      this.stderr += text;
    });
    running.add(this);
    const timer = setTimeout(() => {
      this.stderr += '\n[killed: it took too long]';
      this.kill();
    }, timeout);
    this.ended = new Promise((resolve, reject) => {
      started.once('error', reject);
      started.once('close', (code) => {
        clearTimeout(timer);
        running.delete(this);
        this.#hasEnded = true;
        this.#wake();
        resolve(code);
      });
    });
  }

  get pid(): number {
    if (this.#process.pid === undefined) throw new Error('it did not start');
    return this.#process.pid;
  }

  /** Waits until `look` finds something in the output; the program must not end before. */
  async until<Found>(look: (child: this) => Found | undefined | false | null): Promise<Found> {
    for (;;) {
      const found = look(this);
      if (found) return found;
      if (this.#hasEnded) throw new Error(`it ended (${this.#process.exitCode}) too early\n${this.stdout}\n${this.stderr}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  signal(name: 'SIGTERM' | 'SIGHUP'): void {
    this.#process.kill(name);
  }

  /** Closes our end of a pipe, as a reader that ends does. */
  stopReading(output: 'stdout' | 'stderr'): void {
    this.#process[output]?.destroy();
  }

  /** Kills it at once, with everything it started. */
  kill(): void {
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch {
      // it has already ended
    }
  }

  #read(stream: Readable, take: (text: string) => void): void {
    stream.setEncoding('utf8').on('data', (text: string) => {
      take(text);
      this.#wake();
    });
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
