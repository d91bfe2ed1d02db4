import { resolve } from 'node:path';
import { Child, plainEnvironment } from './child.ts';
import { workFolder } from './folders.ts';

export const REPOSITORY = resolve(import.meta.dirname, '../..');
const MAIN = resolve(REPOSITORY, 'core/cli/main.ts');
/** The milliseconds that a gateway may live. */
const LONGEST = 240_000;
/** The milliseconds for a command that is not a server. */
const SHORT = 20_000;

interface Options {
  environment?: Record<string, string>;
  /** The working folder; by default a fresh one without config and `.env`. */
  folder?: string;
  /** A program, and its words, that starts the gateway by what follows them. */
  launcher?: readonly string[];
  /** An output that nobody reads. */
  closed?: 'stdout' | 'stderr';
  /** The command; by default `serve`, on a free port unless the environment sets one. */
  command?: string;
}

/** The real command line in a process of its own. */
export interface RunningGateway {
  child: Child;
  /** The address, without a trailing slash. */
  url: string;
  /** The printed config for Codex. */
  codexConfig: string;
  /** Asks the gateway to end; returns its exit code. */
  stop(): Promise<number | null>;
}

/** Starts `tapline serve` and waits until it prints its address. */
export async function runGateway(
  words: readonly string[] = [],
  { environment = {}, folder = workFolder(), command = 'serve', launcher }: Options = {},
): Promise<RunningGateway> {
  const port = environment['PROXY_PORT'] === undefined && command === 'serve' ? ['--port', '0'] : [];
  const child = start([command, ...port, ...words], LONGEST, folder, environment, launcher);
  const url = await child.until(({ stdout }) => /listens on (http:\S+)/.exec(stdout)?.[1]);
  const codexConfig = await child.until(({ stdout }) => /^model = [\s\S]*?wire_api = [\s\S]*?(?=\n\n)/m.exec(stdout)?.[0]);
  return {
    child,
    url,
    codexConfig,
    stop() {
      child.signal('SIGTERM');
      return child.ended;
    },
  };
}

export interface Finished {
  stdout: string;
  stderr: string;
  exitCode: number | null;
}

/** Runs a command of `tapline` that ends by itself. */
export async function runTapline(words: readonly string[], { environment = {}, folder = workFolder(), closed }: Options = {}): Promise<Finished> {
  const child = start(words, SHORT, folder, environment);
  if (closed) child.stopReading(closed);
  const exitCode = await child.ended;
  return { stdout: child.stdout, stderr: child.stderr, exitCode };
}

function start(words: readonly string[], timeout: number, folder: string, environment: Record<string, string>, launcher: readonly string[] = []): Child {
  const [program, ...rest] = [...launcher, process.execPath, MAIN, ...words] as [string, ...string[]];
  return new Child(program, rest, { folder, environment: plainEnvironment(environment), timeout });
}
