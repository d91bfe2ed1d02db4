import type { Log } from '../contract/log.ts';

const end = (error: NodeJS.ErrnoException): void => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
};

/** Ends a command whose output nobody reads any more: `tapline plugins | head` is no failure. */
export function endWithReader(): void {
  process.stdout.on('error', end);
  process.stderr.on('error', () => {});
}

/**
 * Keeps a gateway alive when its output, or its log, can no longer be written: the reader of the pipe ended, the
 * terminal was closed, the disk is full. The other one of the two says so, once.
 */
export function outliveReaders(log: Pick<Log, 'warn'>): void {
  process.stdout.off('error', end);
  process.stdout.once('error', ({ code }: NodeJS.ErrnoException) => log.warn(`stdout is closed (${code}); the gateway goes on`));
  process.stderr.once('error', ({ code }: NodeJS.ErrnoException) => process.stdout.write(`tapline: the log is lost (${code}); the gateway goes on\n`));
  for (const output of [process.stdout, process.stderr]) output.on('error', () => {});
}
