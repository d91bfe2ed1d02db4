import type { Item } from '../../../contract/canonical.ts';
import { GatewayError } from '../../../contract/errors.ts';
import { itemId } from '../../../kit/item-id.ts';
import type { KeptResponse } from './lifecycle.ts';

/** Which items are wanted. */
export interface Page {
  /** 1 to 100. */
  limit: number;
  order: 'asc' | 'desc';
  /** Ids of items: only what comes behind the one, ahead of the other. */
  after?: string | undefined;
  before?: string | undefined;
}
type Listed = Item & { id: string };

/** A page of all that led to a response, as OpenAI lists things. Throws `invalid_request` where a cursor is none of its items. */
export function listInput({ input, response }: KeptResponse, { limit, order, after, before }: Page): object {
  const all = identified(input.filter(isTheirs), response.id);
  if (order === 'desc') all.reverse();
  const from = after === undefined ? 0 : place(all, after, 'after') + 1;
  const to = before === undefined ? all.length : place(all, before, 'before');
  const wanted = all.slice(from, to);
  // a page back ends at its cursor, a page forth begins there
  const data = after === undefined && before !== undefined ? wanted.slice(-limit) : wanted.slice(0, limit);
  return { object: 'list', data, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more: wanted.length > data.length };
}

/** `/responses/compact` puts a trigger of its own behind what it is sent. */
function isTheirs(item: Item): boolean {
  return item.type !== 'compaction_trigger' || item.with_messages === undefined;
}

/** Each item with an id no other has: its own, or one made of its place, the same each time. */
function identified(input: readonly Item[], response: string): Listed[] {
  const taken = new Set<string>();
  return input.map((item, at) => {
    const id = typeof item.id === 'string' && item.id && !taken.has(item.id) ? item.id : itemId('in', response, at);
    taken.add(id);
    return { ...(item.type === 'message' && typeof item.content === 'string' ? withParts(item) : item), id };
  });
}

function withParts(item: Extract<Item, { type: 'message' }>): Item {
  const text = String(item.content);
  const part = item.role === 'assistant' ? { type: 'output_text' as const, text, annotations: [] } : { type: 'input_text' as const, text };
  return { ...item, content: [part] };
}

function place(items: readonly Listed[], id: string, param: 'after' | 'before'): number {
  const at = items.findIndex((item) => item.id === id);
  if (at >= 0) return at;
  throw new GatewayError('invalid_request', `${param}: "${id.slice(0, 100)}" is no item of this input; give the id of one that was listed`, { param });
}
