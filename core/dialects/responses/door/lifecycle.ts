import { z } from 'zod';
import type { Item } from '../../../contract/canonical.ts';
import { GatewayError } from '../../../contract/errors.ts';
import type { Exchange } from '../../../contract/exchange.ts';
import { shownId } from '../../../kit/item-id.ts';
import { itemSchema } from './door-body.ts';

type Records = Pick<Exchange, 'store' | 'log'>;

/** A completed response or a compaction, as it was sent, with the input that led to it. */
export interface KeptResponse {
  readonly input: readonly Item[];
  readonly response: StoredResponse | StoredCompaction;
}
/** An answer of `/responses/compact`: it has no status, and is never a stream. */
export interface StoredCompaction extends Readonly<Record<string, unknown>> {
  readonly id: string;
  readonly object: 'response.compaction';
  readonly status?: undefined;
}
export interface StoredResponse extends Readonly<Record<string, unknown>> {
  readonly id: string;
  /** Seconds since 1970. */
  readonly created_at: number;
  readonly status: 'completed' | 'incomplete' | 'failed';
  readonly model: string;
  readonly output: readonly Item[];
}

const Said = z.looseObject({ type: z.string() });
const Whole = Said.refine((item) => itemSchema(item.type)?.safeParse(item).success ?? true);
const common = { id: z.string(), created_at: z.number(), output: z.array(Whole) };
const StoredCompaction = z.object({ ...common, object: z.literal('response.compaction') });
const StoredResponse = z.object({
  ...common,
  object: z.literal('response'),
  status: z.enum(['completed', 'incomplete', 'failed']),
  model: z.string(),
  tools: z.array(z.unknown()),
});
const Kept = z.object({ input: z.array(Said), response: z.discriminatedUnion('object', [StoredResponse, StoredCompaction]) });
/** Ids of ours, and anything like them: no other id is looked up. */
const ID = /^[\w-]{1,128}$/;

/** Reads a response that the plugin `history` stored. Throws `not_found`. */
export async function keptResponse(id: string, { store, log }: Records): Promise<KeptResponse> {
  const record = ID.test(id) ? await store.get('sessions', id) : undefined;
  if (record === undefined) throw unknown(id);
  const { data, error } = Kept.safeParse(record);
  if (data?.response.id === id) return record as KeptResponse; // the whole record: the schema knows only a part of it
  log.warn({ response: id, damage: error?.issues[0]?.path.join('.') }, 'history record ignored: it is damaged');
  throw unknown(id);
}

/** Deletes a response; later ones of its conversation have their own copy of its contents. Throws `not_found`. */
export async function forgetResponse(id: string, { store }: Records): Promise<object> {
  if (!ID.test(id) || !(await store.delete('sessions', id))) throw unknown(id);
  return { id, object: 'response', deleted: true };
}

/** Refuses, since only background responses can be cancelled. Throws `not_found` or `invalid_request`. */
export async function cancelResponse(id: string, records: Records): Promise<never> {
  const { status = 'completed' } = (await keptResponse(id, records)).response;
  throw new GatewayError(
    'invalid_request',
    `response ${shownId(id)} is ${status} and was not run in the background: only background responses can be cancelled`,
  );
}

function unknown(id: string): GatewayError {
  return new GatewayError('not_found', `no response ${shownId(id)} is stored here for this key (it never was, or no longer is)`);
}
