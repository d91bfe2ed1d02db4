import type { CanonicalRequest, Channel, EndEvent, Item, Reasoning, StreamEvent } from '../../../contract/canonical.ts';
import { GatewayError } from '../../../contract/errors.ts';
import type { Exchange } from '../../../contract/exchange.ts';
import type { Answer } from '../../front-door.ts';
import { quote } from '../../quote.ts';
import { argumentsOf, encodeCall, encodeStart, encodeText, kindOf, refusalIn, spokenIn, thoughtIn } from './encode-block.ts';
import { encodeUsage, estimateUsage } from './encode-usage.ts';
import { errorEvent } from './error.ts';

type ItemEvent = Extract<StreamEvent, { key: number }>;
interface OpenItem {
  readonly item: Item;
  /** Index of its block, once that has begun. */
  index: number | undefined;
  /** Its delta events up to the text. */
  prefix: string;
  /** Characters that were streamed. */
  sent: number;
  /** The channel whose deltas are sent: reasoning comes as a summary, in full, or as both, and the first one wins. */
  channel: Channel | undefined;
  part: number;
  readonly citations: string[];
}

const DELTAS = {
  text: '"text_delta","text"',
  thinking: '"thinking_delta","thinking"',
  tool_use: '"input_json_delta","partial_json"',
} as const;

/**
 * Writes canonical events as Messages events, one block at a time: events of another block wait until the first one is
 * whole.
 */
export class MessagesAnswer implements Answer {
  readonly #exchange: Exchange;
  readonly id: string;
  /** The client asked to keep the model's thinking, and to see it. */
  readonly #thinking: { kept: boolean; shown: boolean };
  readonly #content: string[] = [];
  #open: (OpenItem & { key: number }) | undefined;
  /** The events of each item that waits for its turn. */
  readonly #waiting = new Map<number, ItemEvent[]>();
  #called = false;
  #refusal = '';
  #blocks = 0;
  #started = false;
  #text = '';
  body = '';

  constructor({ reasoning, include }: CanonicalRequest, exchange: Exchange) {
    this.#exchange = exchange;
    this.id = exchange.clock.id('msg');
    this.#thinking = { kept: include?.includes('reasoning.encrypted_content') ?? false, shown: reasoning?.summary != null };
  }

  take(): string {
    const text = this.#text;
    this.#text = '';
    return text;
  }

  write(event: StreamEvent): void {
    if (!this.#started) this.#start();
    if (event.type === 'end') this.#end(event);
    else if (event.type !== 'start' && event.type !== 'raw') this.#turn(event);
  }

  #start(): void {
    this.#started = true;
    this.#event('message_start', `,"message":${this.#message(null, null, estimateUsage(this.#exchange.client.headers))}`);
    this.#event('ping', '');
  }

  #turn(event: ItemEvent): void {
    if (this.#open && event.key !== this.#open.key) {
      const others = this.#waiting.get(event.key);
      if (others) others.push(event);
      else this.#waiting.set(event.key, [event]);
      return;
    }
    this.#item(event);
    if (!this.#open && this.#waiting.size > 0) this.#turnToWaiting();
  }

  #turnToWaiting(): void {
    for (const [key, events] of this.#waiting) {
      this.#waiting.delete(key);
      for (const event of events) this.#item(event);
      if (this.#open) return;
    }
  }

  #item(event: ItemEvent): void {
    switch (event.type) {
      case 'item.added':
        return this.#added(event.key, event.item);
      case 'item.delta':
        if (event.channel === 'refusal') this.#refusal += event.delta;
        if (event.channel !== 'input') this.#streamed(event.delta, event.channel, event.part);
        return;
      case 'item.note':
        return this.#note(event.note);
      case 'item.done':
        if (!this.#open) this.#added(event.key, event.item);
        this.#done(event.item);
        this.#open = undefined;
    }
  }

  #added(key: number, item: Item): void {
    const kind = kindOf(item);
    if (!kind || (kind === 'thinking' && !this.#thinking.kept)) return;
    this.#open = { key, item, index: undefined, prefix: '', sent: 0, channel: undefined, part: 0, citations: [] };
    if (kind === 'tool_use') this.#begin(this.#open, encodeStart(item));
  }

  #begin(open: OpenItem, block: string): number {
    if (open.index === undefined) {
      open.index = this.#blocks++;
      this.#event('content_block_start', `,"index":${open.index},"content_block":${block}`);
    }
    return open.index;
  }

  #streamed(delta: string, channel: Channel, part: number | undefined): void {
    if (!this.#open) return;
    if (this.#open.item.type === 'reasoning') this.#open.channel ??= channel;
    if ((this.#open.channel ?? channel) === channel) this.#delta(delta, part);
  }

  #delta(delta: string, part = 0): void {
    const open = this.#open;
    const kind = open && kindOf(open.item);
    if (!open || !kind || delta === '' || (kind === 'thinking' && !this.#thinking.shown)) return;
    if (open.prefix === '') {
      const index = this.#begin(open, encodeStart(open.item));
      open.prefix = `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":{"type":${DELTAS[kind]}:`;
    }
    const apart = kind === 'thinking' && part !== open.part && open.sent > 0 ? '\n\n' : '';
    open.part = part;
    open.sent += apart.length + delta.length;
    this.#text += `${open.prefix + quote(apart + delta)}}}\n\n`;
  }

  #note(note: Record<string, unknown>): void {
    const open = this.#open;
    if (open?.item.type !== 'message' || note['type'] !== 'url_citation') return;
    const { url = '', title = null, cited_text = '' } = note;
    const citation = JSON.stringify({ type: 'web_search_result_location', url, title, cited_text, encrypted_index: '' });
    open.citations.push(citation);
    this.#event('content_block_delta', `,"index":${this.#begin(open, encodeStart(open.item))},"delta":{"type":"citations_delta","citation":${citation}}`);
  }

  #done(item: Item): void {
    if (!this.#open) return;
    if (item.type === 'reasoning') this.#thought(this.#open, item);
    else if (item.type === 'message') this.#spoken(this.#open, item);
    else {
      this.#called = true;
      this.#delta(argumentsOf(item).slice(this.#open.sent));
      this.#content.push(encodeCall(item));
    }
    this.#stop(this.#open);
  }

  #spoken(open: OpenItem, item: Item): void {
    const text = spokenIn(item);
    this.#refusal ||= refusalIn(item);
    this.#delta(text.slice(open.sent));
    if (open.index !== undefined) this.#content.push(encodeText(text, open.citations));
  }

  /** Redacts thinking without text if the client wants to see the text, and sends it empty if it does not. */
  #thought(open: OpenItem, item: Reasoning): void {
    const text = this.#thinking.shown ? thoughtIn(item) : '';
    const sealed = item.encrypted_content ?? '';
    if (text === '' && sealed === '') return;
    if (text === '' && this.#thinking.shown) {
      const block = JSON.stringify({ type: 'redacted_thinking', data: sealed });
      this.#begin(open, block);
      this.#content.push(block);
      return;
    }
    const streamed = item.summary.length > 0 ? 'summary' : 'reasoning';
    if ((open.channel ?? streamed) === streamed) this.#delta(text.slice(open.sent), open.part);
    const index = this.#begin(open, encodeStart(item));
    if (sealed) this.#event('content_block_delta', `,"index":${index},"delta":{"type":"signature_delta","signature":${quote(sealed)}}`);
    this.#content.push(JSON.stringify({ type: 'thinking', thinking: text, signature: sealed }));
  }

  #stop({ index }: OpenItem): void {
    if (index !== undefined) this.#event('content_block_stop', `,"index":${index}`);
  }

  #end(end: EndEvent): void {
    if (end.status === 'failed') {
      this.#text += errorEvent(end.error ?? new GatewayError('stream_cut', 'the answer failed'));
      return;
    }
    if (this.#open) this.#stop(this.#open); // a call without an end
    const usage = end.usage ? encodeUsage(end.usage) : estimateUsage({});
    const reason = this.#stopReason(end);
    const stop = reason === 'stop_sequence' ? (end.stop ?? null) : null;
    const details = reason === 'refusal' ? { stop_details: { type: 'refusal', category: null, explanation: this.#refusal || null } } : {};
    this.body = this.#message(reason, stop, usage, details);
    this.#event('message_delta', `,"delta":${JSON.stringify({ stop_reason: reason, stop_sequence: stop, ...details })},"usage":${JSON.stringify(usage)}`);
    this.#event('message_stop', '');
  }

  #stopReason({ status, reason, stop }: EndEvent): string {
    if (status === 'incomplete') return reason === 'content_filter' ? 'refusal' : 'max_tokens';
    if (this.#called) return 'tool_use';
    if (stop !== undefined) return 'stop_sequence';
    return this.#refusal ? 'refusal' : 'end_turn';
  }

  #message(reason: string | null, stop: string | null, usage: object, details: object = {}): string {
    const head = JSON.stringify({ id: this.id, type: 'message', role: 'assistant', model: this.#exchange.asked.model }).slice(0, -1);
    const tail = JSON.stringify({ stop_reason: reason, stop_sequence: stop, ...details, usage }).slice(1);
    return `${head},"content":[${this.#content.join(',')}],${tail}`;
  }

  #event(type: string, fields: string): void {
    this.#text += `event: ${type}\ndata: {"type":"${type}"${fields}}\n\n`;
  }
}
