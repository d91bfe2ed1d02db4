import type { Store } from '../contract/store.ts';

/** Ids of responses, and anything like them. */
const ID = /^[\w-]{1,128}$/;
/** No client's records begin like this: theirs begin with a digest. */
const place = (id: string) => `native.${id}`;

/**
 * Remembers which client each response at a provider belongs to: the provider knows only the gateway's key, and would
 * show it to any client. Bounded like the rest of the store.
 */
export class ResponseOwners {
  readonly #store: Pick<Store, 'get' | 'put'>;

  constructor(store: Pick<Store, 'get' | 'put'>) {
    this.#store = store;
  }

  async remember(id: string, owner: string): Promise<void> {
    if (ID.test(id)) await this.#store.put('turns', place(id), JSON.stringify({ owner }));
  }

  /** Returns the digest of the owner's key; undefined if this gateway does not know the response. */
  async ownerOf(id: string): Promise<string | undefined> {
    const record = ID.test(id) ? ((await this.#store.get('turns', place(id))) as { owner?: unknown } | undefined) : undefined;
    return typeof record?.owner === 'string' ? record.owner : undefined;
  }
}
