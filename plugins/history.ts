import { z } from 'zod';
import type { Item } from '../core/contract/canonical.ts';
import { GatewayError } from '../core/contract/errors.ts';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { responseOfItem, shownId } from '../core/kit/item-id.ts';
import { perExchange } from '../core/kit/per-exchange.ts';
import { childInput } from '../core/kit/spawned-children.ts';

const Turn = z.object({ input: z.array(z.object({ type: z.string() })), response: z.object({ output: z.array(z.object({ type: z.string() })) }) });
interface KnownTurn {
  input: Item[];
  output: Item[];
}

/**
 * Continues a conversation from `previous_response_id` or from references to items, and stores completed responses for
 * that, unless the client sends `store: false`.
 */
export function history(): Plugin {
  const kept = perExchange(() => ({ input: undefined as string | undefined }));

  return {
    name: 'history',
    provides: 'history',
    async request(request, exchange) {
      if (exchange.client.dialect !== 'responses') return;
      const { previous_response_id: previous, store } = request;
      delete request.previous_response_id;
      delete request.store;
      if (previous) {
        const { input, output } = await known(previous, exchange);
        request.input = childInput(output, request.input) ?? [...input, ...output, ...request.input];
      }
      for (const [at, item] of request.input.entries()) {
        if (item.type === 'item_reference') request.input[at] = await referred(item, at, exchange);
      }
      if (store !== false) kept(exchange).input = JSON.stringify(request.input);
    },
    async complete({ id, body }, exchange) {
      const { input } = kept(exchange);
      if (input !== undefined) await exchange.store.put('sessions', id, `{"input":${input},"response":${body}}`);
    },
  };
}

async function known(id: string, exchange: Exchange): Promise<KnownTurn> {
  const turn = await load(id, exchange);
  if (turn) return turn;
  const param = 'previous_response_id';
  throw new GatewayError('previous_response_not_found', `${param}: no response ${shownId(id)} is kept here (never, or no longer); send the whole input`, {
    param,
  });
}

async function referred({ id }: Item, at: number, exchange: Exchange): Promise<Item> {
  const response = responseOfItem(id ?? '');
  const item = response && (await load(response, exchange))?.output.find((each) => each.id === id);
  if (item) return item;
  const param = `input[${at}]`;
  throw new GatewayError('invalid_request', `${param}: no item ${shownId(id ?? '')} is kept here (never, or no longer); send the item itself`, { param });
}

async function load(id: string, exchange: Exchange): Promise<KnownTurn | undefined> {
  const record = await exchange.store.get('sessions', id);
  if (record === undefined) return undefined;
  if (!Turn.safeParse(record).success) {
    exchange.log.warn({ response: id }, 'a record of the history is damaged: it is not used');
    return undefined;
  }
  // the fields of items were validated when they arrived
  const { input, response } = record as { input: Item[]; response: { output: Item[] } };
  return { input, output: response.output };
}
