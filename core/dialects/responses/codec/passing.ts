import type { Exchange } from '../../../contract/exchange.ts';
import { NumberedIds } from '../../call-ids.ts';
import type { Passing } from '../../codec.ts';
import { asRecord, asText } from '../../tolerant.ts';
import type { AnswerItem, ResponsesChunk } from './upstream-wire.ts';

/** Mends a passing response: ids of calls. Completes one whose items are whole, but whose last event is missing. */
export class ResponsesPassing implements Passing<ResponsesChunk> {
  readonly done = '';
  id: string | undefined;
  readonly #ids: NumberedIds;
  /** The items by their place; undefined while they are open. */
  readonly #items = new Map<number, AnswerItem | undefined>();
  #begun: Record<string, unknown>;
  #sequence = 0;

  constructor(exchange: Exchange) {
    this.#ids = new NumberedIds(exchange, 'call');
    this.#begun = { object: 'response', created_at: Math.floor(exchange.clock.now() / 1000), model: exchange.model };
  }

  wants(events: string): boolean {
    return events.includes('response.created') || events.includes('response.output_item.');
  }

  chunk(chunk: ResponsesChunk): ResponsesChunk {
    if (typeof chunk['sequence_number'] === 'number') this.#sequence = chunk['sequence_number'];
    const { item, response, output } = chunk;
    if (item && asText(chunk.type).startsWith('response.output_item.')) return this.#item(chunk, item);
    if (Array.isArray(output)) {
      this.id = asText(chunk['id']) || this.id;
      const mended = this.#all(output);
      return mended === output ? chunk : { ...chunk, output: mended };
    }
    if (!response) return chunk;
    this.#begin(asRecord(response));
    const items = response.output;
    const mended = Array.isArray(items) ? this.#all(items) : items;
    return !mended || mended === items ? chunk : { ...chunk, response: { ...response, output: mended } };
  }

  missing(marked: boolean): ResponsesChunk[] | undefined {
    const items = [...this.#items].sort(([one], [other]) => one - other).map(([, item]) => item);
    if (!marked || items.length === 0 || items.includes(undefined)) return undefined;
    const response = { ...this.#begun, ...(this.id !== undefined && { id: this.id }), status: 'completed', output: items as AnswerItem[] };
    return [{ type: 'response.completed', sequence_number: this.#sequence + 1, response }];
  }

  /** Leaves out what repeats the request: nothing may hold that while the answer streams. */
  #begin({ id, instructions: _, tools: __, input: ___, ...begun }: Record<string, unknown>): void {
    this.id = asText(id) || this.id;
    this.#begun = { ...begun, instructions: null, tools: [] };
  }

  #item(chunk: ResponsesChunk, item: AnswerItem): ResponsesChunk {
    const mended = this.#named(item);
    const done = chunk.type === 'response.output_item.done';
    const index = typeof chunk.output_index === 'number' ? chunk.output_index : done ? Math.max(this.#items.size - 1, 0) : this.#items.size;
    this.#items.set(index, done ? mended : undefined);
    return mended === item ? chunk : { ...chunk, item: mended };
  }

  #all(items: (AnswerItem | null)[]): (AnswerItem | null)[] {
    const mended = items.map((item) => item && this.#named(item));
    return mended.every((item, at) => item === items[at]) ? items : mended;
  }

  #named(item: AnswerItem): AnswerItem {
    const id: unknown = item.call_id;
    return typeof id === 'number' ? { ...item, call_id: this.#ids.textOf(id) } : item;
  }
}
