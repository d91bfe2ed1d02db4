import type { Item } from '../../../contract/canonical.ts';
import { GatewayError } from '../../../contract/errors.ts';
import { itemId } from '../../../kit/item-id.ts';
import type { KeptResponse } from './lifecycle.ts';

/** Selects a page of items. */
export interface Page {
  /** 1 to 100. */
  limit: number;
  order: 'asc' | 'desc';
  /** Ids of items: the page holds only items behind the one and ahead of the other. */
  after?: string | undefined;
  before?: string | undefined;
}
type Listed = Item & { id: string };

/** A page of the input that led to a response, in OpenAI's format. Throws `invalid_request` for an unknown cursor. */
export function listInput({ input, response }: KeptResponse, { limit, order, after, before }: Page): object {
  const all = identified(input.filter(isFromClient), response.id);
  if (order === 'desc') all.reverse();
  const from = after === undefined ? 0 : place(all, after, 'after') + 1;
  const to = before === undefined ? all.length : place(all, before, 'before');
  const wanted = all.slice(from, to);
  // a page back ends at its cursor, a page forth begins there
  const data = after === undefined && before !== undefined ? wanted.slice(-limit) : wanted.slice(0, limit);
  return { object: 'list', data, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more: wanted.length > data.length };
}

/** False for the trigger that `/responses/compact` puts behind the client's input. */
function isFromClient(item: Item): boolean {
  return item.type !== 'compaction_trigger' || item.with_messages === undefined;
}

/** Gives each item a unique id: its own, or one made from its position, the same each time. */
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
  throw new GatewayError('invalid_request', `${param}: "${id.slice(0, 100)}" is not an item of this input; use the id of a listed item`, { param });
}
