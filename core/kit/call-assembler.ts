import type { FunctionCall, StreamEvent } from '../contract/canonical.ts';
import type { ChatCallDelta } from '../contract/chat-wire.ts';
import type { Exchange } from '../contract/exchange.ts';

interface Call {
  key: number;
  /** The provider's id; the item may have another. */
  sentId: string;
  item: FunctionCall;
  announced: boolean;
}

/**
 * Assembles tool calls from their fragments. Providers leave out the index or the id, repeat the id under a new index
 * or on every fragment, use index 0 for all calls, split the name, or send a whole call, its arguments as an object.
 */
export class CallAssembler {
  readonly #exchange: Exchange;
  readonly #calls: Call[] = [];
  readonly #bySlot = new Map<number, Call>();
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
      if (name && !call.announced && call.item.name !== name) call.item.name += name;
      const delta = typeof sent === 'string' ? sent : sent == null ? '' : JSON.stringify(sent);
      if (delta === '') continue;
      this.#announce(call, events); // the name is whole once arguments follow
      call.item.arguments += delta;
      characters += delta.length;
      events.push({ type: 'item.delta', key: call.key, channel: 'arguments', delta });
    }
    return characters;
  }

  /** Returns the calls that are now complete, in the order in which they came. */
  close(events: StreamEvent[]): readonly { key: number; item: FunctionCall }[] {
    const open = this.#calls.slice(this.#closed);
    this.#closed = this.#calls.length;
    for (const call of open) this.#announce(call, events);
    return open;
  }

  #find({ index, id: given, function: part }: ChatCallDelta, offset: number | undefined): Call | undefined {
    const id = idOf(given);
    const known = id ? this.#calls.findLast(({ sentId }) => sentId === id) : undefined;
    // a name after complete arguments begins another call, even under the same id
    const again = known && part?.name && isWhole(known.item.arguments) ? undefined : known;
    if (index != null) {
      if (again) this.#bySlot.set(index, again);
      const current = again ?? this.#bySlot.get(index);
      if (!current) return undefined;
      if (!id || current.sentId === id) return current;
      if (current.sentId === '' && !current.announced) {
        current.sentId = id;
        current.item.call_id = this.#idFor(id);
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
    const call = { key: this.#exchange.newKey(), sentId: id ?? '', item, announced: false };
    if (id) item.call_id = this.#idFor(id);
    this.#calls.push(call);
    if (index != null) this.#bySlot.set(index, call);
    return call;
  }

  #idFor(id: string): string {
    const isText = typeof id === 'string'; // a provider that counts its calls begins anew in each answer
    if (isText && !this.#calls.some(({ item }) => item.call_id === id)) return id;
    this.#exchange.warn({ param: 'tool_calls.id', reason: isText ? 'used_twice' : 'no_text' });
    return this.#exchange.clock.id('call');
  }

  /** Announces the earlier call first: its name is whole by now. */
  #announce(call: Call, events: StreamEvent[]): void {
    if (call.announced) return;
    call.announced = true;
    const before = this.#calls[this.#calls.indexOf(call) - 1];
    if (before) this.#announce(before, events);
    if (call.item.call_id === '') {
      this.#exchange.warn({ param: 'tool_calls.id', reason: 'missing' });
      call.item.call_id = this.#exchange.clock.id('call');
    }
    events.push({ type: 'item.added', key: call.key, item: { ...call.item } });
  }
}

/** Some providers number their calls. */
function idOf(id: unknown): string {
  return typeof id === 'string' ? id : typeof id === 'number' ? `call_${id}` : '';
}

/** True if arguments are complete JSON, so that nothing can follow. */
export function isWhole(json: string): boolean {
  if (json === '') return false;
  try {
    JSON.parse(json);
    return true;
  } catch {
    return false;
  }
}
