/** `sessions`: completed responses. `reasoning`: by call id. `turns`: reasoning by what was said before it. */
export type Collection = 'sessions' | 'reasoning' | 'turns';
export const COLLECTIONS = ['sessions', 'reasoning', 'turns'] as const satisfies readonly Collection[];

/** Keeps records across exchanges: bounded, and none is kept for ever. Values are JSON. */
export interface Store {
  /** The record, as JSON was when it was put; undefined where there is none, or it is too old, or cannot be read. */
  get(collection: Collection, key: string): Promise<unknown>;
  /** `json`: the record as text. Resolves when it would survive the end of the process, as far as the store lets records do so. */
  put(collection: Collection, key: string, json: string): Promise<void>;
  /** Whether there was one. */
  delete(collection: Collection, key: string): Promise<boolean>;
  close(): Promise<void>;
}

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

/** The records of one client only: another's cannot be named. */
export function storeOf(store: Store, owner: string): Pick<Store, 'get' | 'put' | 'delete'> {
  const own = (key: string) => `${owner}.${key}`;
  return {
    get: (collection, key) => store.get(collection, own(key)),
    put: (collection, key, json) => store.put(collection, own(key), json),
    delete: (collection, key) => store.delete(collection, own(key)),
  };
}
