import type { CanonicalRequest, EndEvent, Item, StreamEvent } from '../../canonical.ts';
import { GatewayError } from '../../errors.ts';
import type { Exchange } from '../../exchange.ts';
import type { Answer } from '../front-door.ts';
import { quote } from '../quote.ts';
import { type BlockKind, encodeBlock, encodeStart, kindOf, refusalOf, restOf } from './encode-block.ts';
import { encodeUsage, estimateUsage } from './encode-usage.ts';
import { errorEvent } from './error.ts';

type Delta = Extract<StreamEvent, { type: 'item.delta' }>;
interface OpenItem {
  readonly kind: BlockKind;
  readonly item: Item;
  /** Of the block, once it is started. */
  index: number | undefined;
  /** All but the text of a delta event, of the block. */
  prefix: string;
  part: number;
  notes: string[];
}

const DELTAS: Record<Delta['channel'], readonly [type: string, field: string]> = {
  text: ['text_delta', 'text'],
  refusal: ['text_delta', 'text'],
  summary: ['thinking_delta', 'thinking'],
  reasoning: ['thinking_delta', 'thinking'],
  arguments: ['input_json_delta', 'partial_json'],
  input: ['input_json_delta', 'partial_json'],
};

/** Writes canonical events as Messages events, one block at a time: what comes for another block meanwhile waits until the first is whole. */
export class MessagesAnswer implements Answer {
  readonly #exchange: Exchange;
  readonly id: string;
  readonly #thinking: { kept: boolean; shown: boolean };
  readonly #open = new Map<number, OpenItem>();
  readonly #content: string[] = [];
  #waiting: StreamEvent[] = [];
  #current: number | undefined;
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
    if (event.type === 'end') return this.#end(event);
    if (event.type === 'start' || event.type === 'raw') return;
    if (this.#current !== undefined && event.key !== this.#current) {
      this.#waiting.push(event);
      return;
    }
    this.#item(event);
    if (this.#current === undefined && this.#waiting.length > 0) this.#resume();
  }

  #start(): void {
    this.#started = true;
    const model = JSON.stringify(this.#exchange.asked.model);
    const usage = JSON.stringify(estimateUsage(this.#exchange.client.headers));
    const message = `{"id":"${this.id}","type":"message","role":"assistant","model":${model},"content":[],"stop_reason":null,"stop_sequence":null,"usage":${usage}}`;
    this.#event('message_start', `"message":${message}`);
    this.#event('ping', '');
  }

  #resume(): void {
    for (const event of this.#waiting.splice(0)) this.write(event);
  }

  #item(event: Exclude<StreamEvent, { type: 'start' | 'end' | 'raw' }>): void {
    switch (event.type) {
      case 'item.added':
        this.#added(event.key, event.item);
        return;
      case 'item.delta':
        return this.#delta(event);
      case 'item.note':
        return this.#note(event.key, event.note);
      case 'item.done':
        return this.#done(event.key, event.item);
    }
  }

  #added(key: number, item: Item): OpenItem | undefined {
    const kind = kindOf(item);
    if (!kind || (kind === 'thinking' && !this.#thinking.kept && !this.#thinking.shown)) return undefined;
    const open: OpenItem = { kind, item, index: undefined, prefix: '', part: 0, notes: [] };
    this.#open.set(key, open);
    this.#current = key;
    if (kind === 'tool_use') this.#begin(open);
    return open;
  }

  #begin(open: OpenItem): number {
    if (open.index === undefined) {
      open.index = this.#blocks++;
      this.#event('content_block_start', `"index":${open.index},"content_block":${encodeStart(open.kind, open.item)}`);
    }
    return open.index;
  }

  #delta({ key, channel, delta, part = 0 }: Delta): void {
    const open = this.#open.get(key);
    if (!open || delta === '' || channel === 'input' || (open.kind === 'thinking' && !this.#thinking.shown)) return;
    if (channel === 'refusal') this.#refusal += delta;
    if (open.prefix === '') {
      const [type, field] = DELTAS[channel];
      open.prefix = `event: content_block_delta\ndata: {"type":"content_block_delta","index":${this.#begin(open)},"delta":{"type":"${type}","${field}":`;
    }
    if (open.kind === 'thinking' && part !== open.part) delta = `\n\n${delta}`;
    open.part = part;
    this.#text += `${open.prefix + quote(delta)}}}\n\n`;
  }

  #note(key: number, note: Record<string, unknown>): void {
    const open = this.#open.get(key);
    if (open?.kind !== 'text' || note['type'] !== 'url_citation') return;
    const { url = '', title = null, cited_text = '' } = note;
    const citation = JSON.stringify({ type: 'web_search_result_location', url, title, cited_text, encrypted_index: '' });
    open.notes.push(citation);
    this.#event('content_block_delta', `"index":${this.#begin(open)},"delta":{"type":"citations_delta","citation":${citation}}`);
  }

  #done(key: number, item: Item): void {
    const open = this.#open.get(key) ?? this.#added(key, item);
    this.#open.delete(key);
    this.#current = undefined;
    if (!open) return;
    const { kind, notes } = open;
    this.#refusal ||= refusalOf(item);
    if (kind === 'tool_use') this.#called = true;
    const block = encodeBlock(item, this.#thinking.shown, notes);
    if (!block) return;
    if (open.index === undefined && kind === 'thinking' && block.type === 'redacted_thinking') this.#event('content_block_start', `"index":${this.#blocks},"content_block":${block.json}`);
    else if (open.prefix === '') for (const [channel, delta] of restOf(item, this.#thinking.shown)) this.#delta({ type: 'item.delta', key, channel, delta });
    this.#content.push(block.json);
  }

  #end({ status, reason, stop, usage, error }: EndEvent): void {
    void [status, reason, stop, usage, error];
  }

  #event(type: string, fields: string): void {
    this.#text += `event: ${type}\ndata: {"type":"${type}"${fields && `,${fields}`}}\n\n`;
  }
}
