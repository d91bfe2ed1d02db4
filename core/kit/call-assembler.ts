import type { FunctionCall, StreamEvent } from '../contract/canonical.ts';
import type { ChatCallDelta } from '../contract/chat-wire.ts';
import type { Exchange } from '../contract/exchange.ts';
import { GrowingJson, isWhole } from './growing-json.ts';

interface Call {
  key: number;
  /** Its position among all calls. */
  at: number;
  /** The provider's id; the item may have another. */
  sentId: string;
  item: FunctionCall;
  /** The progress of the item's arguments. */
  json: GrowingJson;
}

/**
 * Assembles tool calls from their fragments. Providers leave out the index or the id, repeat the id under a new index
 * or on every fragment, use index 0 for all calls, split the name, or send a whole call, its arguments as an object.
 */
export class CallAssembler {
  readonly #exchange: Exchange;
  readonly #calls: Call[] = [];
  readonly #bySlot = new Map<number, Call>();
  readonly #bySentId = new Map<string, Call>();
  readonly #ids = new Set<string>();
  /** Calls up to here are announced. */
  #announced = 0;
  #closed = 0;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  get allWhole(): boolean {
    return this.#calls.every(({ item }) => item.arguments === '' || isWhole(item.arguments));
  }

  /** Returns the number of characters of arguments that came. */
  read(fragments: readonly ChatCallDelta[], events: StreamEvent[]): number {
    let characters = 0;
    for (const [offset, fragment] of fragments.entries()) {
      if (!fragment) continue;
      const call = this.#find(fragment, fragments.length > 1 ? offset : undefined) ?? this.#open(fragment);
      const { name, arguments: sent } = fragment.function ?? {};
      if (name && call.at >= this.#announced && call.item.name !== name) call.item.name += name;
      const delta = typeof sent === 'string' ? sent : sent == null ? '' : JSON.stringify(sent);
      if (delta === '') continue;
      this.#announce(call.at, events); // the name is whole once arguments follow
      call.item.arguments += delta;
      call.json.add(delta);
      characters += delta.length;
      events.push({ type: 'item.delta', key: call.key, channel: 'arguments', delta });
    }
    return characters;
  }

  /** Returns the calls that are now complete, in the order in which they came. */
  close(events: StreamEvent[]): readonly { key: number; item: FunctionCall }[] {
    const open = this.#calls.slice(this.#closed);
    this.#closed = this.#calls.length;
    this.#announce(this.#calls.length - 1, events);
    return open;
  }

  #find({ index, id: given, function: part }: ChatCallDelta, offset: number | undefined): Call | undefined {
    const id = idOf(given);
    const known = id ? this.#bySentId.get(id) : undefined;
    // a name after complete arguments begins another call, even under the same id
    const again = known && part?.name && known.json.isWhole(known.item.arguments) ? undefined : known;
    if (index != null) {
      if (again) this.#bySlot.set(index, again);
      const current = again ?? this.#bySlot.get(index);
      if (!current) return undefined;
      if (!id || current.sentId === id) return current;
      if (current.sentId === '' && current.at >= this.#announced) {
        current.sentId = id;
        this.#bySentId.set(id, current);
        current.item.call_id = this.#idFor(id, given);
        return current;
      }
      // some servers send the name under one id and all arguments under another (poolsideai/pool#9)
      return part?.name ? undefined : current;
    }
    if (id) return again;
    if (part?.name) return undefined;
    return offset === undefined ? this.#calls.at(-1) : (this.#calls[offset] ?? this.#calls.at(-1));
  }

  #open({ index, id: given }: ChatCallDelta): Call {
    const id = idOf(given);
    const item: FunctionCall = { type: 'function_call', call_id: '', name: '', arguments: '' };
    const call = { key: this.#exchange.newKey(), at: this.#calls.length, sentId: id ?? '', item, json: new GrowingJson() };
    this.#calls.push(call);
    if (id) {
      item.call_id = this.#idFor(id, given);
      this.#bySentId.set(id, call);
    }
    if (index != null) this.#bySlot.set(index, call);
    return call;
  }

  #idFor(id: string, given: unknown): string {
    const isText = typeof given === 'string'; // a provider that counts its calls begins anew in each answer
    const used = this.#ids.has(id);
    if (used || !isText) this.#exchange.warn({ param: 'tool_calls.id', reason: isText ? 'used_twice' : 'no_text' });
    const free = used || !isText ? this.#exchange.clock.id('call') : id;
    this.#ids.add(free);
    return free;
  }

  /** Announces a call, and the earlier ones first: their names are whole by now. */
  #announce(at: number, events: StreamEvent[]): void {
    while (this.#announced <= at) {
      const { key, item } = this.#calls[this.#announced++] as Call;
      if (item.call_id === '') {
        this.#exchange.warn({ param: 'tool_calls.id', reason: 'missing' });
        item.call_id = this.#exchange.clock.id('call');
      }
      events.push({ type: 'item.added', key, item: { ...item } });
    }
  }
}

/** Some providers number their calls. */
function idOf(id: unknown): string {
  return typeof id === 'string' ? id : typeof id === 'number' ? `call_${id}` : '';
}
