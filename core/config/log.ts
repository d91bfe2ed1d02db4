import { pino } from 'pino';
import pretty from 'pino-pretty';

export type Log = pino.Logger;
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export const LOG_FORMATS = ['text', 'json'] as const;

/** Fields whose values never reach a log, however deep they stand. */
const SECRET_FIELD = /"((?:proxy-)?authorization|x-api-key|api-?_?key|(?:set-)?cookie|password|secret|access_token|refresh_token)":"(?:[^"\\]|\\.)*"/gi;
/** A shorter value would be found everywhere. */
const SHORTEST_SECRET = 6;
const REDACTED = '[redacted]';

/** Takes every configured secret out of a text, also where it stands escaped in JSON. */
export function createRedactor(secrets: readonly (string | undefined)[]): (text: string) => string {
  const known = secrets.filter((secret): secret is string => secret !== undefined && secret.length >= SHORTEST_SECRET);
  const forms = [...new Set(known.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]))];
  return (text) => forms.reduce((left, secret) => left.replaceAll(secret, REDACTED), text);
}

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
