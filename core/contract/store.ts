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
