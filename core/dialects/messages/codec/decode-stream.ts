import type { EndEvent, StreamEvent } from '../../../contract/canonical.ts';
import type { GatewayError } from '../../../contract/errors.ts';
import type { Exchange } from '../../../contract/exchange.ts';
import type { AnswerBlock, BlockDelta, Citation, MessagesChunk } from '../../../kit/messages-wire.ts';
import type { Decoder } from '../../codec.ts';
import { cutShort } from '../../cut-short.ts';
import { estimateUsage } from '../../estimate-usage.ts';
import { asList, asRecord, asText } from '../../tolerant.ts';
import { decodeUsage, laterUsage } from './decode-usage.ts';
import { type OpenCall, OpenCalls } from './open-calls.ts';

type Finish = 'stop' | 'length' | 'content_filter';
interface Thought {
  /** Undefined until there is something to send. */
  key: number | undefined;
  text: string;
  signature: string;
}
interface Text {
  key: number;
  text: string;
}
type Block =
  | { kind: 'text'; from: number; citations: Citation[] }
  | { kind: 'thinking'; thought: Thought }
  | { kind: 'call'; call: OpenCall }
  | { kind: 'other' };

const FINISH = new Map<string, Finish>([
  ...(['end_turn', 'stop_sequence', 'tool_use', 'pause_turn'] as const).map((word) => [word, 'stop'] as const),
  ...(['max_tokens', 'model_context_window_exceeded'] as const).map((word) => [word, 'length'] as const),
  ['refusal', 'content_filter'],
]);

/** Reads a Messages stream event by event, or a whole message as one chunk. */
export class MessagesDecoder implements Decoder<MessagesChunk> {
  readonly #exchange: Exchange;
  readonly #inputCharacters: number;
  #outputCharacters = 0;
  readonly #blocks = new Map<number, Block>();
  /** Index of the block that began last. */
  #index = -1;
  /** The message that text blocks form together: citations cut one text into many blocks. */
  #message: Text | undefined;
  readonly #calls: OpenCalls;
  #hasOutput = false;
  #finish: Finish | undefined;
  #stop: string | undefined;
  #usage: MessagesChunk['usage'];
  #ended = false;

  constructor(exchange: Exchange, inputCharacters: number) {
    this.#exchange = exchange;
    this.#calls = new OpenCalls(exchange);
    this.#inputCharacters = inputCharacters;
  }

  get finished(): boolean {
    return this.#finish !== undefined;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Pings and unknown events are no progress, so they yield no events. */
  chunk(chunk: MessagesChunk, events: StreamEvent[]): void {
    if (this.#ended) return;
    switch (chunk.type) {
      case 'message_start':
        this.#usage = laterUsage(this.#usage, chunk.message?.usage);
        return;
      case 'content_block_start':
        return this.#startBlock(chunk.index ?? this.#index + 1, asRecord(chunk.content_block), events);
      case 'content_block_delta':
        return this.#delta(chunk.index ?? this.#index, asRecord(chunk.delta), events);
      case 'content_block_stop':
        return this.#stopBlock(chunk.index ?? this.#index, events);
      case 'message_delta':
        this.#usage = laterUsage(this.#usage, chunk.usage);
        return this.#stopFor(asRecord(chunk.delta));
      case 'message_stop':
        return this.end(true, events);
      case 'message':
        this.#usage = chunk.usage;
        for (const [index, block] of asList(chunk.content).entries()) {
          this.#startBlock(index, block, events);
          this.#stopBlock(index, events);
        }
        this.#stopFor(chunk);
    }
  }

  /** Called after `message_stop`, or after the last byte without it. */
  end(marked: boolean, events: StreamEvent[]): void {
    if (this.#ended) return;
    const finish = this.#finish ?? (marked && this.#hasOutput && this.#calls.allWhole ? 'stop' : undefined);
    if (finish === undefined) return this.fail(cutShort(), events);
    const cut = finish !== 'stop';
    for (const index of this.#blocks.keys()) this.#stopBlock(index, events);
    this.#closeMessage(events, cut);
    this.#calls.finish(cut, events);
    const stop = this.#stop === undefined ? {} : { stop: this.#stop };
    if (finish === 'stop') return this.#end({ type: 'end', status: 'completed', ...stop }, events);
    this.#end({ type: 'end', status: 'incomplete', reason: finish === 'length' ? 'max_output_tokens' : 'content_filter' }, events);
  }

  /** Leaves open items open: half a text or call must not pass for a whole one. */
  fail(error: GatewayError, events: StreamEvent[]): void {
    if (!this.#ended) this.#end({ type: 'end', status: 'failed', error }, events);
  }

  #startBlock(index: number, block: Partial<AnswerBlock>, events: StreamEvent[]): void {
    this.#index = index;
    if (block.type !== 'text') this.#closeMessage(events, false);
    switch (block.type) {
      case 'text':
        this.#blocks.set(index, { kind: 'text', from: this.#message?.text.length ?? 0, citations: asList(block.citations) });
        return this.#delta(index, { text: asText(block.text) }, events);
      case 'thinking':
        this.#blocks.set(index, { kind: 'thinking', thought: { key: undefined, text: '', signature: '' } });
        return this.#delta(index, { thinking: asText(block.thinking), signature: asText(block.signature) }, events);
      case 'redacted_thinking':
        return this.#redacted(block, events);
      case 'tool_use':
        this.#hasOutput = true;
        this.#blocks.set(index, { kind: 'call', call: this.#calls.start(block, events) });
        return;
      default: // tools that ran at the provider, and their results, are not for this client
        this.#blocks.set(index, { kind: 'other' });
        if (block.type) this.#exchange.warn({ param: 'content', reason: `${block.type}_left_out` });
    }
  }

  #delta(index: number, sent: BlockDelta, events: StreamEvent[]): void {
    const text = asText(sent.text);
    const thinking = asText(sent.thinking);
    const block = this.#blocks.get(index) ?? this.#unannounced(index, text, thinking);
    switch (block?.kind) {
      case 'text':
        if (text) this.#text(text, events);
        if (sent.citation) block.citations.push(sent.citation);
        return;
      case 'thinking':
        return this.#think(block.thought, thinking, asText(sent.signature), events);
      case 'call': {
        const json = asText(sent.partial_json);
        if (!json) return;
        block.call.item.arguments += json;
        this.#outputCharacters += json.length;
        events.push({ type: 'item.delta', key: block.call.key, channel: 'arguments', delta: json });
      }
    }
  }

  /** Opens a block without a start: a provider may begin with the first delta. */
  #unannounced(index: number, text: string, thinking: string): Block | undefined {
    if (!text && !thinking) return undefined;
    const block: Block = text
      ? { kind: 'text', from: this.#message?.text.length ?? 0, citations: [] }
      : { kind: 'thinking', thought: { key: undefined, text: '', signature: '' } };
    this.#blocks.set(index, block);
    return block;
  }

  #text(delta: string, events: StreamEvent[]): void {
    if (!this.#message) {
      this.#message = { key: this.#exchange.newKey(), text: '' };
      events.push({ type: 'item.added', key: this.#message.key, item: { type: 'message', role: 'assistant', content: [] } });
    }
    this.#hasOutput = true;
    this.#message.text += delta;
    this.#outputCharacters += delta.length;
    events.push({ type: 'item.delta', key: this.#message.key, channel: 'text', delta });
  }

  #think(thought: Thought, delta: string, signature: string, events: StreamEvent[]): void {
    thought.signature += signature;
    if (thought.key === undefined) {
      if (!delta && !thought.signature) return;
      thought.key = this.#exchange.newKey();
      events.push({ type: 'item.added', key: thought.key, item: { type: 'reasoning', summary: [] } });
    }
    if (!delta) return;
    thought.text += delta;
    this.#outputCharacters += delta.length;
    events.push({ type: 'item.delta', key: thought.key, channel: 'summary', delta });
  }

  /** Has no summary at all, which sets it apart from thinking whose text is withheld. */
  #redacted({ data }: Partial<AnswerBlock>, events: StreamEvent[]): void {
    const key = this.#exchange.newKey();
    events.push({ type: 'item.added', key, item: { type: 'reasoning', summary: [] } });
    events.push({ type: 'item.done', key, item: { type: 'reasoning', summary: [], encrypted_content: asText(data) } });
  }

  #stopBlock(index: number, events: StreamEvent[]): void {
    const block = this.#blocks.get(index);
    this.#blocks.delete(index);
    if (block?.kind === 'text') this.#cite(block, events);
    if (block?.kind !== 'thinking' || block.thought.key === undefined) return;
    const { key, text, signature } = block.thought;
    events.push({
      type: 'item.done',
      key,
      item: { type: 'reasoning', summary: [{ type: 'summary_text', text }], ...(signature && { encrypted_content: signature }) },
    });
  }

  /** Cites a text once it is whole: a citation names its block, and no place in it. */
  #cite({ from, citations }: Extract<Block, { kind: 'text' }>, events: StreamEvent[]): void {
    if (!this.#message) return;
    for (const { url, title } of citations) {
      if (!asText(url)) continue; // cites a document, and the client has no names for places in it
      const note = { type: 'url_citation', url, title: asText(title), start_index: from, end_index: this.#message.text.length };
      events.push({ type: 'item.note', key: this.#message.key, note });
    }
  }

  #closeMessage(events: StreamEvent[], cut: boolean): void {
    if (!this.#message) return;
    const { key, text } = this.#message;
    this.#message = undefined;
    const status = cut ? ({ status: 'incomplete' } as const) : {};
    events.push({ type: 'item.done', key, item: { type: 'message', role: 'assistant', content: [{ type: 'output_text', text }], ...status } });
  }

  #stopFor({ stop_reason: reason, stop_sequence: stop }: BlockDelta): void {
    if (!asText(reason) || this.#finish) return;
    if (reason === 'stop_sequence' && asText(stop)) this.#stop = asText(stop);
    this.#finish = FINISH.get(asText(reason));
    if (this.#finish) return;
    this.#exchange.warn({ param: 'stop_reason', reason: 'unknown' });
    this.#finish = 'stop';
  }

  #end(end: EndEvent, events: StreamEvent[]): void {
    this.#ended = true;
    const usage = decodeUsage(this.#usage) ?? (end.status === 'failed' ? undefined : estimateUsage(this.#inputCharacters, this.#outputCharacters));
    events.push(usage ? { ...end, usage } : end);
  }
}
