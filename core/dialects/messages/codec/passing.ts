import type { Exchange } from '../../../contract/exchange.ts';
import type { AnswerBlock, MessagesChunk } from '../../../kit/messages-wire.ts';
import { NumberedIds } from '../../call-ids.ts';
import type { Passing } from '../../codec.ts';
import { asRecord, asText } from '../../tolerant.ts';

/** Matches the first text of an answer: one space at most, so no backtracking. */
const TEXT = /"text": ?"[^"]/;

/** Mends a passing Messages answer: indexes, ids of calls. Closes one that ends without its last events. */
export class MessagesPassing implements Passing<MessagesChunk> {
  readonly id = undefined;
  readonly done = '';
  readonly #ids: NumberedIds;
  /** The kinds of the open blocks. */
  readonly #open = new Map<number, string>();
  #index = -1;
  #hasText = false;
  #called = false;
  #finished = false;

  constructor(exchange: Exchange) {
    this.#ids = new NumberedIds(exchange, 'toolu');
  }

  wants(events: string): boolean {
    if (events.includes('content_block_st')) return true;
    return (events.includes('content_block') && !events.includes('"index"')) || (!this.#hasText && TEXT.test(events));
  }

  chunk(chunk: MessagesChunk): MessagesChunk {
    switch (chunk.type) {
      case 'content_block_start':
        return this.#start(chunk);
      case 'content_block_delta':
        this.#hasText ||= asText(asRecord(chunk.delta).text) !== '';
        return this.#placed(chunk);
      case 'content_block_stop':
        this.#open.delete(chunk.index ?? this.#index);
        return this.#placed(chunk);
      case 'message_delta':
        this.#finished ||= asText(asRecord(chunk.delta).stop_reason) !== '';
        return chunk;
      case 'message':
        return this.#whole(chunk);
    }
    return chunk;
  }

  missing(marked: boolean): MessagesChunk[] | undefined {
    const isCallOpen = [...this.#open.values()].includes('tool_use');
    if (!this.#finished && (!marked || isCallOpen || !(this.#hasText || this.#called))) return undefined;
    const stops = [...this.#open.keys()].map((index) => ({ type: 'content_block_stop', index }));
    const delta = { stop_reason: this.#called ? 'tool_use' : 'end_turn', stop_sequence: null };
    return [...stops, ...(this.#finished ? [] : [{ type: 'message_delta', delta, usage: { output_tokens: 0 } }]), { type: 'message_stop' }];
  }

  #start(chunk: MessagesChunk): MessagesChunk {
    const block = asRecord(chunk.content_block) as AnswerBlock;
    this.#index = chunk.index ?? this.#index + 1;
    this.#open.set(this.#index, asText(block.type));
    this.#called ||= block.type === 'tool_use';
    this.#hasText ||= asText(block.text) !== '';
    const mended = this.#named(block);
    return mended === block ? this.#placed(chunk) : { ...chunk, index: this.#index, content_block: mended };
  }

  #whole(chunk: MessagesChunk): MessagesChunk {
    const { content } = chunk;
    if (!Array.isArray(content)) return chunk;
    const mended = content.map((block) => block && this.#named(block));
    return mended.every((block, at) => block === content[at]) ? chunk : { ...chunk, content: mended };
  }

  #placed(chunk: MessagesChunk): MessagesChunk {
    return typeof chunk.index === 'number' ? chunk : { ...chunk, index: this.#index };
  }

  #named(block: AnswerBlock): AnswerBlock {
    if (block.type !== 'tool_use') return block;
    const id = this.#ids.textOf(block.id);
    return id === block.id ? block : { ...block, id };
  }
}
