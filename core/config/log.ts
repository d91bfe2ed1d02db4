import { pino } from 'pino';
import pretty from 'pino-pretty';
import type { Log } from '../contract/log.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export const LOG_FORMATS = ['text', 'json'] as const;

/** Fields whose values never reach a log, however deep they stand. */
const SECRET_FIELD = /"((?:proxy-)?authorization|x-api-key|api-?_?key|(?:set-)?cookie|password|secret|access_token|refresh_token)":"(?:[^"\\]|\\.)*"/gi;
const REDACTED = '[redacted]';

interface LogOptions {
  level: (typeof LOG_LEVELS)[number];
  format: (typeof LOG_FORMATS)[number];
  redact: (text: string) => string;
  destination?: NodeJS.WritableStream;
}

/** One line per exchange and what is worth telling besides; never a body, never a secret. */
export function createLog({ level, format, redact, destination = process.stderr }: LogOptions): Log {
  const stream =
    format === 'text'
      ? pretty({ colorize: false, ignore: 'pid,hostname', singleLine: true, errorLikeObjectKeys: ['err'], destination, sync: true })
      : destination;
  const streamWrite = (line: string) => redact(line.replace(SECRET_FIELD, `"$1":"${REDACTED}"`));
  return pino({ level, hooks: { streamWrite }, timestamp: pino.stdTimeFunctions.isoTime }, stream);
}
