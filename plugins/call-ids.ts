import type { Item } from '../core/contract/canonical.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { perExchange } from '../core/kit/per-exchange.ts';
import { FreeNames } from '../core/kit/tool-references.ts';

type Call = Item & { call_id: string };

/** The calls of one id, by the ids that the provider gets. */
interface Calls {
  readonly ids: string[];
  answered: number;
  turn: number;
  /** The latest of them, as JSON. */
  last: string;
}

const CALLS = ['function_call', 'custom_tool_call', 'local_shell_call', 'tool_search_call'];
const OUTPUTS = ['function_call_output', 'custom_tool_call_output', 'local_shell_call_output', 'tool_search_output'];

/**
 * Gives each call of a conversation an id of its own: some providers count their calls anew in each answer, a client
 * takes such a call for the earlier one, and OpenAI and Anthropic refuse the history.
 */
export function callIds(): Plugin {
  const ids = perExchange(() => ({ used: new Set<string>(), renamed: new Map<string, string>() }));

  return {
    name: 'call-ids',
    request(request, exchange) {
      const { used } = ids(exchange);
      const names = new FreeNames([]);
      const calls = new Map<string, Calls>();
      let turn = 0;
      const outputs = countOf(request.input.filter((item) => isOne(item, OUTPUTS)));
      request.input = request.input.flatMap((item) => {
        if (isOne(item, CALLS)) {
          used.add(item.call_id);
          const known = calls.get(item.call_id) ?? { ids: [], answered: 0, turn, last: '' };
          // an earlier call without an output by now gets none: it was interrupted
          if (known.turn !== turn) known.answered = known.ids.length;
          const text = JSON.stringify({ ...item, id: '' });
          const isOpen = text === known.last && known.answered < known.ids.length;
          if (isOpen && (outputs.get(item.call_id) ?? 0) < 2) return []; // the client sent it twice
          const id = names.take(item.call_id); // the same on each turn, or the provider's prompt cache would be lost
          Object.assign(known, { turn, last: text });
          known.ids.push(id);
          calls.set(item.call_id, known);
          return withId(item, id);
        }
        if (isOne(item, OUTPUTS)) return withId(item, idOfOutput(item, calls.get(item.call_id)));
        if (item.type === 'message' && item.role === 'user') turn++;
        return item;
      });
    },
    item(item, exchange) {
      const { used, renamed } = ids(exchange);
      if (!isOne(item, CALLS) || !used.has(item.call_id)) return;
      if (!renamed.has(item.call_id)) {
        renamed.set(item.call_id, exchange.clock.id('call'));
        exchange.warn({ param: 'call_id', reason: 'used_in_an_earlier_turn' });
      }
      return withId(item, renamed.get(item.call_id) ?? item.call_id);
    },
  };
}

function countOf(items: readonly Item[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { call_id: id } of items as Call[]) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

/** An output answers the earliest call of its id that has none; a further one answers the last. */
function idOfOutput({ call_id: id }: Call, calls: Calls | undefined): string {
  return (calls && (calls.ids[calls.answered++] ?? calls.ids.at(-1))) ?? id;
}

function isOne(item: Item, types: readonly string[]): item is Call {
  return types.includes(item.type) && typeof (item as Partial<Call>).call_id === 'string';
}

function withId<Kind extends Call>(item: Kind, id: string): Kind {
  return item.call_id === id ? item : { ...item, call_id: id };
}
