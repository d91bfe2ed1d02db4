import type { Store } from '../contract/store.ts';

/** The records of one client only: another's cannot be named. */
export function storeOf(store: Store, owner: string): Pick<Store, 'get' | 'put' | 'delete'> {
  const own = (key: string) => `${owner}.${key}`;
  return {
    get: (collection, key) => store.get(collection, own(key)),
    put: (collection, key, json) => store.put(collection, own(key), json),
    delete: (collection, key) => store.delete(collection, own(key)),
  };
}
