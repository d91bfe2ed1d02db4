import type { Store } from '../contract/store.ts';

/** Narrows a store to the records of one client: no key can name those of another. */
export function storeOf(store: Store, owner: string): Pick<Store, 'get' | 'put' | 'delete'> {
  const own = (key: string) => `${owner}.${key}`;
  return {
    get: (collection, key) => store.get(collection, own(key)),
    put: (collection, key, json) => store.put(collection, own(key), json),
    delete: (collection, key) => store.delete(collection, own(key)),
  };
}
