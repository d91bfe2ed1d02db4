import { z } from 'zod';
import type { Item } from '../core/contract/canonical.ts';
import { GatewayError } from '../core/contract/errors.ts';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { mayExpand } from '../core/kit/expansion.ts';
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
      if (request.input.some(({ type }) => type === 'item_reference')) request.input = await withReferred(request.input, exchange);
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
  const param = 'previous_response_id';
  if (turn && !mayExpand(exchange, JSON.stringify(turn.input).length + JSON.stringify(turn.output).length)) throw tooLarge(param);
  if (turn) return turn;
  throw new GatewayError('previous_response_not_found', `${param}: no response ${shownId(id)} is kept here (never, or no longer); send the whole input`, {
    param,
  });
}

/** Reads each record once, however often its items are referred to. Each reference gets an item of its own. */
async function withReferred(input: readonly Item[], exchange: Exchange): Promise<Item[]> {
  const known = new Map<string, string>();
  const whole: Item[] = [];
  for (const [at, item] of input.entries()) {
    const id = item.type === 'item_reference' ? (item.id ?? '') : undefined;
    if (id === undefined) {
      whole.push(item);
      continue;
    }
    const response = responseOfItem(id);
    if (response && !known.has(response)) {
      known.set(response, '');
      for (const each of (await load(response, exchange))?.output ?? []) if (each.id) known.set(each.id, JSON.stringify(each));
    }
    const json = response ? known.get(id) : undefined;
    const param = `input[${at}]`;
    if (!json)
      throw new GatewayError('invalid_request', `${param}: no item ${shownId(id)} is kept here (never, or no longer); send the item itself`, { param });
    if (!mayExpand(exchange, json.length)) throw tooLarge(param);
    whole.push(JSON.parse(json) as Item);
  }
  return whole;
}

function tooLarge(param: string): GatewayError {
  const advice = 'compact the conversation, or refer to less';
  return new GatewayError('body_too_large', `${param}: with what it refers to, the request is too large (four times --body-limit); ${advice}`, { param });
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
