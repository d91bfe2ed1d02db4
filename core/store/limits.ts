import type { Collection } from '../contract/store.ts';

/** What is kept of one collection. */
export interface Limits {
  entries: number;
  bytes: number;
  /** Milliseconds since a record was put or got. */
  ttl: number;
}

export const HOUR = 3_600_000;
export const LIMITS: Limits = { entries: 256, bytes: 512 << 20, ttl: 168 * HOUR };
/** A response has a few calls, and what is kept of a call is small. */
const CALLS_PER_SESSION = 32;

/** The limits are those of whole responses; of their parts there are more, and they are smaller. */
export function limitsOf(collection: Collection, { entries, bytes, ttl }: Limits): Limits {
  return collection === 'sessions' ? { entries, bytes, ttl } : { entries: entries * CALLS_PER_SESSION, bytes: Math.ceil(bytes / 8), ttl };
}
