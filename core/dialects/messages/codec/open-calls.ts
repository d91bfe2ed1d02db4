import type { FunctionCall, StreamEvent } from '../../../contract/canonical.ts';
import type { Exchange } from '../../../contract/exchange.ts';
import { isWhole } from '../../../kit/growing-json.ts';
import type { AnswerBlock } from '../../../kit/messages-wire.ts';
import { CallIds } from '../../call-ids.ts';
import { asId, asText } from '../../tolerant.ts';

export interface OpenCall {
  readonly key: number;
  readonly item: FunctionCall;
  /** The whole input, in place of fragments. */
  readonly input: unknown;
}

/** The calls of an answer. They stay open until the stop reason is known: a call cut off ends like any other. */
export class OpenCalls {
  readonly #exchange: Exchange;
  readonly #ids: CallIds;
  readonly #calls: OpenCall[] = [];

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
    this.#ids = new CallIds(exchange);
  }

  get allWhole(): boolean {
    return this.#calls.every(({ item }) => item.arguments === '' || isWhole(item.arguments));
  }

  start({ id, name, input }: Partial<AnswerBlock>, events: StreamEvent[]): OpenCall {
    const item: FunctionCall = { type: 'function_call', call_id: this.#ids.take(asId(id)), name: asText(name), arguments: '' };
    const call = { key: this.#exchange.newKey(), item, input };
    this.#calls.push(call);
    events.push({ type: 'item.added', key: call.key, item: { ...item } });
    return call;
  }

  finish(cut: boolean, events: StreamEvent[]): void {
    for (const { key, item, input } of this.#calls) {
      const given = typeof input === 'object' && input !== null && Object.keys(input).length > 0 ? JSON.stringify(input) : '';
      if (item.arguments === '' && given) {
        item.arguments = given;
        events.push({ type: 'item.delta', key, channel: 'arguments', delta: given });
      }
      const incomplete = cut && !isWhole(item.arguments);
      events.push({ type: 'item.done', key, item: incomplete ? { ...item, status: 'incomplete' } : { ...item, arguments: item.arguments || '{}' } });
    }
  }
}
