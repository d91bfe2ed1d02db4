import { z } from 'zod';
import type { CanonicalRequest, Item, Reasoning } from '../core/contract/canonical.ts';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { Conversation, type Thought, type Turn } from '../core/kit/conversation.ts';
import { isOwn, unsealOpaque } from '../core/kit/envelope.ts';
import { mayExpand } from '../core/kit/expansion.ts';
import { perExchange } from '../core/kit/per-exchange.ts';

const SEALED = 'reasoning.encrypted_content';
const Memory = z.object({
  preset: z.string(),
  model: z.string(),
  turn: z.string(),
  thoughts: z.array(z.object({ text: z.string(), sealed: z.string().optional() })),
});
type Memory = z.infer<typeof Memory>;

/**
 * Restores the reasoning of earlier turns where the client drops it, or gives it back without what the provider
 * sealed. The plugin finds a turn by the ids of its calls, or by the conversation up to it.
 */
export function reasoningMemory(): Plugin {
  const heard = perExchange(() => ({ conversation: undefined as Conversation | undefined, asked: false }));

  return {
    name: 'reasoning-memory',
    request(request, exchange) {
      const include = request.include ?? [];
      const asked = include.includes(SEALED);
      if (asked && !request.input.some(isUnsealed)) return undefined; // this client keeps its reasoning itself
      if (!asked) request.include = [...include, SEALED]; // sealed reasoning is kept here in the client's place
      const conversation = new Conversation();
      Object.assign(heard(exchange), { conversation, asked });
      return recall(request, conversation, exchange);
    },
    event(event, exchange) {
      if (event.type !== 'item.done') return;
      const { conversation, asked } = heard(exchange);
      conversation?.add(event.item);
      if (!conversation || asked || event.item.type !== 'reasoning' || !event.item.encrypted_content) return;
      const { encrypted_content: _, ...item } = event.item; // the client did not ask for it
      return { ...event, item };
    },
    async complete(_, exchange) {
      const turn = heard(exchange).conversation?.close();
      if (!turn) return;
      const { store, preset, model } = exchange;
      const owner = { preset: preset.name, model };
      const thoughts = turn.thoughts.map(({ text, sealed }) => (sealed && unsealOpaque(owner, sealed) ? { text, sealed } : { text }));
      if (!thoughts.some(({ text, sealed }) => text || sealed)) return;
      const record = JSON.stringify({ ...owner, turn: turn.fingerprint, thoughts } satisfies Memory);
      await Promise.all([store.put('turns', turn.fingerprint, record), ...turn.calls.map((call) => store.put('reasoning', call, record))]);
    },
  };
}

async function recall(request: CanonicalRequest, conversation: Conversation, exchange: Exchange): Promise<void> {
  const ended = request.input.map((item, at) => conversation.add(item, at));
  const turns = [...ended, conversation.close()].filter((turn) => turn?.thoughts.every(({ sealed }) => !sealed)) as Turn[];
  const read = reader(exchange);
  const found = await Promise.all(turns.map((turn) => find(turn, read)));
  const recalled = new Map<number, readonly Thought[]>();
  const replaced = new Set<number>();
  for (const [nth, { at, thoughts }] of turns.entries()) {
    const record = fitting(found[nth]?.thoughts ?? [], exchange);
    if (thoughts.length > 0 && !record.some(({ sealed }) => sealed)) continue; // the client's own words say as much
    recalled.set(at, record);
    for (const thought of thoughts) replaced.add(thought.at);
  }
  request.input = request.input.flatMap((item, at) => [...(recalled.get(at) ?? []).map(asItem), ...(replaced.has(at) ? [] : [item])]);
}

/** True for thoughts of which the client kept only the words: a provider takes them back only as it sealed them. */
function isUnsealed(item: Item): boolean {
  return item.type === 'reasoning' && !item.encrypted_content && ((item.content?.length ?? 0) > 0 || item.summary.length > 0);
}

/** Leaves out thoughts for which there is no room: a request may name one large record many times. */
function fitting(thoughts: readonly Thought[], exchange: Exchange): readonly Thought[] {
  const characters = thoughts.reduce((sum, { text, sealed = '' }) => sum + text.length + sealed.length, 0);
  if (mayExpand(exchange, characters)) return thoughts;
  exchange.warn({ param: 'input', reason: 'no_room_for_earlier_reasoning' });
  return [];
}

function asItem({ text, sealed }: Thought): Reasoning {
  if (!sealed) return { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text }] };
  return { type: 'reasoning', summary: text ? [{ type: 'summary_text', text }] : [], encrypted_content: sealed };
}

/**
 * A provider may restart its call ids in each conversation, so a record of the same turn goes before a record of the
 * same call.
 */
async function find({ fingerprint, calls }: Turn, read: ReturnType<typeof reader>): Promise<Memory | undefined> {
  const called = (await Promise.all(calls.map((call) => read('reasoning', call)))).find(Boolean);
  return called?.turn === fingerprint ? called : ((await read('turns', fingerprint)) ?? called);
}

/** Reads each record once per request. */
function reader(exchange: Exchange): (collection: 'reasoning' | 'turns', key: string) => Promise<Memory | undefined> {
  const records = new Map<string, Promise<Memory | undefined>>();
  return (collection, key) => {
    const name = `${collection} ${key}`;
    const record = records.get(name) ?? load(collection, key, exchange);
    records.set(name, record);
    return record;
  };
}

async function load(collection: 'reasoning' | 'turns', key: string, { store, preset, model, log }: Exchange): Promise<Memory | undefined> {
  const record = await store.get(collection, key);
  if (record === undefined) return undefined;
  const { data: memory } = Memory.safeParse(record);
  if (!memory) log.warn({ [collection]: key }, 'a record of earlier reasoning is damaged: it is not used');
  return memory && isOwn({ preset: preset.name, model }, memory) ? memory : undefined;
}
