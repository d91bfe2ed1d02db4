import type { ChatCallDelta } from '../../../contract/chat-wire.ts';
import type { Exchange } from '../../../contract/exchange.ts';
import { isWhole } from '../../../kit/growing-json.ts';

interface Call {
  /** The index and id that the client gets. */
  readonly index: number;
  readonly id: string;
  readonly sentIndex: number | undefined;
  readonly sentId: unknown;
  arguments: string;
  /** The last character of `arguments`: a look at the text itself would join all its pieces, each time. */
  last: string;
}

/** Mends the calls of a passing answer: a client finds the fragments by index, and the call's result by its id. */
export class PassingCalls {
  readonly #exchange: Exchange;
  readonly #calls: Call[] = [];
  readonly #bySlot = new Map<number, Call>();
  readonly #byId = new Map<unknown, Call>();
  readonly #used = new Set<string>();

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  get count(): number {
    return this.#calls.length;
  }

  get areWhole(): boolean {
    return this.#calls.every((call) => call.arguments === '' || isWhole(call.arguments));
  }

  /** Returns the same list if it needs no change. */
  read(fragments: ChatCallDelta[], isWholeAnswer: boolean): ChatCallDelta[] {
    const mended = fragments.map((fragment, at) => fragment && this.#mend(fragment, fragments.length > 1 ? at : undefined, isWholeAnswer));
    return mended.every((fragment, at) => fragment === fragments[at]) ? fragments : mended;
  }

  #mend(fragment: ChatCallDelta, offset: number | undefined, isWholeAnswer: boolean): ChatCallDelta {
    const { index, id, function: part } = fragment;
    const known = this.#find(fragment, offset);
    const call = known ?? this.#open(fragment);
    const sent: unknown = part?.arguments;
    const text = typeof sent === 'string' ? sent : sent == null ? '' : JSON.stringify(sent);
    call.arguments += text;
    call.last = text.at(-1) ?? call.last;
    const isPlaced = isWholeAnswer || index === call.index; // a whole answer has no indexes
    const isNamed = known && !isGiven(id) ? true : id === call.id;
    if (isPlaced && isNamed && (sent == null || sent === text)) return fragment;
    return {
      ...fragment,
      ...(isPlaced ? {} : { index: call.index }),
      ...(isNamed ? {} : { id: call.id }),
      ...(part && sent != null && { function: { ...part, arguments: text } }),
    };
  }

  #find({ index, id, function: part }: ChatCallDelta, offset: number | undefined): Call | undefined {
    const same = isGiven(id) ? this.#byId.get(id) : undefined;
    if (typeof index === 'number') {
      const isOther = same && part?.name && same.sentIndex !== index;
      if (same && !isOther) return same;
      const slot = isOther ? undefined : this.#bySlot.get(index);
      return slot && isGiven(id) && (isGiven(slot.sentId) || (part?.name && slot.arguments !== '')) ? undefined : slot;
    }
    const sent: unknown = part?.arguments;
    const isNext = part?.name && same?.last === '}' && (typeof sent !== 'string' || sent.startsWith('{'));
    if (isGiven(id)) return isNext ? undefined : same;
    if (part?.name) return undefined;
    return (offset === undefined ? undefined : this.#calls[offset]) ?? this.#calls.at(-1);
  }

  #open({ index, id }: ChatCallDelta): Call {
    const sentIndex = typeof index === 'number' ? index : undefined;
    const call = { index: this.#calls.length, id: this.#idFor(id), sentIndex, sentId: id, arguments: '', last: '' };
    this.#calls.push(call);
    if (sentIndex !== undefined) this.#bySlot.set(sentIndex, call);
    if (isGiven(id)) this.#byId.set(id, call);
    return call;
  }

  /** Makes a new id for a number: a provider that counts its calls begins anew in each answer. */
  #idFor(given: unknown): string {
    const free = typeof given === 'string' && given !== '' && !this.#used.has(given);
    if (!free) this.#exchange.warn({ param: 'tool_calls.id', reason: !isGiven(given) ? 'missing' : typeof given === 'string' ? 'used_twice' : 'no_text' });
    const id = free ? given : this.#exchange.clock.id('call');
    this.#used.add(id);
    return id;
  }
}

function isGiven(id: unknown): boolean {
  return id !== undefined && id !== null && id !== '';
}
