import { pino } from 'pino';
import pretty from 'pino-pretty';
import type { Log } from '../contract/log.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export const LOG_FORMATS = ['text', 'json'] as const;

/** Fields whose values never reach a log, at any depth. */
const SECRET_FIELD = /"((?:proxy-)?authorization|x-api-key|api-?_?key|(?:set-)?cookie|password|secret|access_token|refresh_token)":"(?:[^"\\]|\\.)*"/gi;
const REDACTED = '[redacted]';

interface LogOptions {
  level: (typeof LOG_LEVELS)[number];
  format: (typeof LOG_FORMATS)[number];
  redact: (text: string) => string;
  destination?: NodeJS.WritableStream;
}

/** Creates the log: one line per exchange, and warnings; never a body, never a secret. */
export function createLog({ level, format, redact, destination = process.stderr }: LogOptions): Log {
  const stream =
    format === 'text'
      ? pretty({ colorize: false, ignore: 'pid,hostname', singleLine: true, errorLikeObjectKeys: ['err'], destination, sync: true })
      : destination;
  const streamWrite = (line: string) => redact(line.replace(SECRET_FIELD, `"$1":"${REDACTED}"`));
  // pino's own serializer appends the cause to the message, where our errors say it already
  const serializers = { err: pino.stdSerializers.errWithCause };
  return pino({ level, serializers, hooks: { streamWrite }, timestamp: pino.stdTimeFunctions.isoTime }, stream);
}
