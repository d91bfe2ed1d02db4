import type { Collection } from '../contract/store.ts';

/** Limits of one collection of the store. */
export interface Limits {
  entries: number;
  bytes: number;
  /** Milliseconds since a record was last written or read. */
  ttl: number;
}

export const HOUR = 3_600_000;
export const LIMITS: Limits = { entries: 256, bytes: 512 << 20, ttl: 168 * HOUR };
/** A response has a few calls, and the record of a call is small. */
const CALLS_PER_SESSION = 32;

/** The configured limits hold for whole responses; the other collections hold more, smaller records. */
export function limitsOf(collection: Collection, { entries, bytes, ttl }: Limits): Limits {
  return collection === 'sessions' ? { entries, bytes, ttl } : { entries: entries * CALLS_PER_SESSION, bytes: Math.ceil(bytes / 8), ttl };
}
