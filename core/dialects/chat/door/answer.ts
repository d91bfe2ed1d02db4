import type { CanonicalRequest, Channel, CustomToolCall, EndEvent, FunctionCall, Item, Logprob, StreamEvent, Usage } from '../../../contract/canonical.ts';
import { GatewayError } from '../../../contract/errors.ts';
import type { Exchange } from '../../../contract/exchange.ts';
import type { Answer } from '../../front-door.ts';
import { encodeError } from '../../openai-error.ts';
import { quote } from '../../quote.ts';
import {
  type AnswerForm,
  contentOf,
  encodeCall,
  encodeChoiceLogprobs,
  encodeNote,
  encodeUsage,
  foldLogprobs,
  foldMessage,
  isCall,
  logprobsOf,
  reasoningOf,
  refusalOf,
  sealedOf,
} from './completion.ts';
import { askedOf } from './decode-request.ts';
import { type Field, type OpenItem, openItem } from './open-item.ts';

const FIELD: Partial<Record<Channel, Field>> = { text: 'content', refusal: 'refusal', summary: 'reasoning_content', reasoning: 'reasoning_content' };

/**
 * Writes canonical events as Chat chunks: the role first, calls by position, usage where it was asked for, and
 * `[DONE]` unless the answer failed.
 */
export class ChatAnswer implements Answer {
  readonly id: string;
  readonly #exchange: Exchange;
  readonly #form: AnswerForm;
  readonly #created: number;
  readonly #head: string;
  readonly #tail: string;
  readonly #open = new Map<number, OpenItem>();
  readonly #done: Item[] = [];
  readonly #notes: object[] = [];
  /** The item that last wrote a field: text of another one begins after a blank line. */
  readonly #writer: { [field in Field]?: OpenItem } = {};
  #items = 0;
  #calls = 0;
  #started = false;
  #finish = 'stop';
  #usage: Usage | undefined;
  #text = '';

  constructor({ tools }: CanonicalRequest, exchange: Exchange) {
    this.#exchange = exchange;
    this.id = exchange.clock.id('chatcmpl').replace('_', '-');
    this.#form = { ...askedOf(exchange), custom: new Set((tools ?? []).flatMap((tool) => (tool.type === 'custom' ? tool.name : []))) };
    this.#created = Math.floor(exchange.clock.now() / 1000);
    const known = `"id":"${this.id}","object":"chat.completion.chunk","created":${this.#created},"model":${JSON.stringify(exchange.asked.model)}`;
    this.#head = `data: {${known},"choices":[`;
    this.#tail = this.#form.usage ? '],"usage":null}\n\n' : ']}\n\n';
  }

  get body(): string {
    const items = this.#done.filter(Boolean);
    const choice = { index: 0, message: foldMessage(items, this.#notes, this.#form), logprobs: foldLogprobs(items), finish_reason: this.#finish };
    const usage = this.#usage && { usage: encodeUsage(this.#usage) };
    return JSON.stringify({ id: this.id, object: 'chat.completion', created: this.#created, model: this.#exchange.asked.model, choices: [choice], ...usage });
  }

  take(): string {
    const text = this.#text;
    this.#text = '';
    return text;
  }

  write(event: StreamEvent): void {
    if (!this.#started) this.#start();
    switch (event.type) {
      case 'item.added':
        this.#added(event.key, event.item);
        return;
      case 'item.delta':
        return this.#delta(event.key, event.channel, event.delta, event.part ?? 0, event.logprobs);
      case 'item.note':
        return this.#note(event.note);
      case 'item.done':
        return this.#finishItem(event.key, event.item);
      case 'end':
        return this.#end(event);
    }
  }

  #start(): void {
    this.#started = true;
    this.#chunk('"role":"assistant","content":""');
  }

  #added(key: number, item: Item): OpenItem {
    const open = openItem(this.#items++);
    this.#open.set(key, open);
    if (isCall(item)) this.#announce(open, item);
    return open;
  }

  #announce(open: OpenItem, item: FunctionCall | CustomToolCall): void {
    const index = this.#calls++;
    const call = encodeCall(item, this.#form);
    open.channel = call.type === 'custom' ? 'input' : 'arguments';
    if (this.#form.legacy && call.type === 'function') {
      // the legacy form has room for one call
      if (index > 0) return this.#exchange.warn({ param: 'functions', reason: 'only_the_first_call_fits' });
      open.before = '"function_call":{"arguments":';
      open.after = '}';
      return this.#chunk(`"function_call":{"name":${JSON.stringify(call.function.name)},"arguments":""}`);
    }
    const { name } = call.type === 'custom' ? call.custom : call.function;
    const inner = `"name":${JSON.stringify(name)},"${open.channel}":""`;
    this.#chunk(`"tool_calls":[{"index":${index},"id":${JSON.stringify(call.id)},"type":"${call.type}","${call.type}":{${inner}}}]`);
    open.before = `"tool_calls":[{"index":${index},"${call.type}":{"${open.channel}":`;
    open.after = '}}]';
  }

  #delta(key: number, channel: Channel, delta: string, part: number, logprobs?: readonly Logprob[]): void {
    const open = this.#open.get(key);
    if (!open || (delta === '' && !logprobs)) return;
    const field = FIELD[channel];
    if (field === 'reasoning_content') open.channel ??= channel;
    if (field && (field !== 'reasoning_content' || open.channel === channel)) this.#say(open, field, delta, part, logprobs);
    if (!field && open.channel === channel) this.#argue(open, delta);
  }

  #say(open: OpenItem, field: Field, delta: string, part: number, logprobs?: readonly Logprob[]): void {
    const writer = this.#writer[field];
    const parted = writer !== undefined && (writer !== open || (field === 'reasoning_content' && open.part !== part));
    this.#writer[field] = open;
    open.part = part;
    open[field] += delta.length + (parted && writer === open ? 2 : 0);
    const said = `"${field}":${quote(parted ? `\n\n${delta}` : delta)}`;
    if (!logprobs) return this.#chunk(said);
    open.hasLogprobs = true;
    this.#chunk(said, JSON.stringify(field === 'refusal' ? encodeChoiceLogprobs([], logprobs) : encodeChoiceLogprobs(logprobs, [])));
  }

  #argue(open: OpenItem, delta: string): void {
    if (open.before === '') return;
    open.written += delta.length;
    this.#chunk(open.before + quote(delta) + open.after);
  }

  #note(note: Record<string, unknown>): void {
    const annotation = encodeNote(note);
    if (!annotation) return;
    this.#notes.push(annotation);
    this.#chunk(`"annotations":[${JSON.stringify(annotation)}]`);
  }

  /** Writes whatever the deltas did not carry. */
  #finishItem(key: number, item: Item): void {
    const open = this.#open.get(key) ?? this.#added(key, item);
    this.#open.delete(key);
    this.#done[open.place] = item;
    if (isCall(item)) {
      const call = encodeCall(item, this.#form);
      const rest = (call.type === 'custom' ? call.custom.input : call.function.arguments).slice(open.written);
      if (rest) this.#argue(open, rest);
    } else if (item.type === 'message') {
      const { hasLogprobs } = open;
      this.#sayRest(open, 'content', contentOf(item), hasLogprobs ? [] : logprobsOf(item, 'output_text'));
      this.#sayRest(open, 'refusal', refusalOf(item), hasLogprobs ? [] : logprobsOf(item, 'refusal'));
    } else if (item.type === 'reasoning') {
      const streamed = item.summary.length > 0 ? 'summary' : 'reasoning';
      if ((open.channel ?? streamed) === streamed) this.#sayRest(open, 'reasoning_content', reasoningOf(item));
      const [sealed] = this.#form.details ? sealedOf(item) : [];
      if (sealed) this.#chunk(`"reasoning_details":[${JSON.stringify(sealed)}]`);
    }
  }

  #sayRest(open: OpenItem, field: Field, whole: string, logprobs: readonly Logprob[] = []): void {
    const rest = whole.slice(open[field]);
    if (rest || logprobs.length > 0) this.#say(open, field, rest, open.part, logprobs.length > 0 ? logprobs : undefined);
  }

  #end({ status, reason, usage, error }: EndEvent): void {
    if (status === 'failed') {
      this.#text += chatFailure(error ?? new GatewayError('stream_cut', 'the answer failed'));
      return;
    }
    this.#usage = usage;
    this.#finish = status === 'incomplete' ? (reason === 'content_filter' ? reason : 'length') : this.#calls === 0 ? 'stop' : this.#called();
    this.#text += `${this.#head}{"index":0,"delta":{},"logprobs":null,"finish_reason":"${this.#finish}"}${this.#tail}`;
    if (usage && this.#form.usage) this.#text += `${this.#head}],"usage":${JSON.stringify(encodeUsage(usage))}}\n\n`;
    this.#text += 'data: [DONE]\n\n';
  }

  #called(): string {
    return this.#form.legacy ? 'function_call' : 'tool_calls';
  }

  #chunk(delta: string, logprobs = 'null'): void {
    this.#text += `${this.#head}{"index":0,"delta":{${delta}},"logprobs":${logprobs},"finish_reason":null}${this.#tail}`;
  }
}

/** A failure in the stream, in the form that SDKs read; no `[DONE]` follows. */
export function chatFailure(error: GatewayError): string {
  return `data: ${encodeError(error).body}\n\n`;
}
