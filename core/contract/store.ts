/** `sessions`: completed responses. `reasoning`: by call id. `turns`: reasoning, by the conversation before it. */
export type Collection = 'sessions' | 'reasoning' | 'turns';
/** All collections. */
export const COLLECTIONS = ['sessions', 'reasoning', 'turns'] as const satisfies readonly Collection[];

/**
 * Keeps JSON records across exchanges. Its size is bounded, and every record expires.
 * @example await exchange.store.put('reasoning', item.call_id, JSON.stringify({ text }));
 */
export interface Store {
  /** Returns the parsed record; undefined if it does not exist, has expired or cannot be read. */
  get(collection: Collection, key: string): Promise<unknown>;
  /** Stores JSON text. Resolves when the record survives the end of the process, if this kind of store allows that. */
  put(collection: Collection, key: string, json: string): Promise<void>;
  /** Resolves with whether the record existed. */
  delete(collection: Collection, key: string): Promise<boolean>;
  close(): Promise<void>;
}
