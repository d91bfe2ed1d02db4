import type { Writable } from 'node:stream';
import { type LogFn, type Logger, pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { Log } from '../contract/log.ts';
import { logFields, logWords } from './log-fields.ts';
import { visible } from './visible.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export const LOG_FORMATS = ['text', 'json'] as const;

/** Fields whose values never reach a log, at any depth. */
const SECRET_FIELD =
  /"((?:proxy-)?authorization|x-api-key|api-?_?key|(?:set-)?cookie|password|secret|access_token|refresh_token)":(?:"(?:[^"\\]|\\.)*"|\[(?:"(?:[^"\\]|\\.)*",?)*\])/gi;
const REDACTED = '[redacted]';

interface LogOptions {
  level: (typeof LOG_LEVELS)[number];
  format: (typeof LOG_FORMATS)[number];
  redact: (text: string) => string;
  destination?: NodeJS.WritableStream;
}

/** Characters that may wait for a reader that has stalled. Lines beyond them are lost: memory must not fill up. */
const MOST_WAITING = 4 << 20;

/** Creates the log: one line per exchange, and warnings; never a body, never a secret. */
export function createLog({ level, format, redact, destination = process.stderr }: LogOptions): Log {
  // written by ourselves: a stream in between would be destroyed by the first error of the destination
  const print = format === 'text' ? prettyFactory({ colorize: false, ignore: 'pid,hostname', singleLine: true, errorLikeObjectKeys: ['err'] }) : undefined;
  const write = (line: string) => {
    if (((destination as Partial<Writable>).writableLength ?? 0) > MOST_WAITING) return;
    destination.write(visible(print?.(line) ?? line));
  };
  const streamWrite = (line: string) => redact(line.replace(SECRET_FIELD, `"$1":"${REDACTED}"`));
  function logMethod(this: Logger, words: Parameters<LogFn>, method: LogFn): void {
    method.apply(this, words.map((word: unknown) => (typeof word === 'string' ? logWords(word) : word)) as Parameters<LogFn>);
  }
  const serializers = { err: (fields: unknown) => fields }; // logFields has read the error
  return pino({ level, hooks: { streamWrite, logMethod }, formatters: { log: logFields }, serializers, timestamp: pino.stdTimeFunctions.isoTime }, { write });
}
