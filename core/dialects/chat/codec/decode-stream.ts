import type { EndEvent, FunctionCall, Logprob, StreamEvent, Usage } from '../../../contract/canonical.ts';
import type { ChatChoice, ChatChunk, ChatDelta, ChatText } from '../../../contract/chat-wire.ts';
import { GatewayError } from '../../../contract/errors.ts';
import type { Exchange } from '../../../contract/exchange.ts';
import { CallAssembler } from '../../../kit/call-assembler.ts';
import { isWhole } from '../../../kit/growing-json.ts';
import { cutShort } from '../../cut-short.ts';
import { estimateUsage } from '../../estimate-usage.ts';
import { decodeLogprobs } from '../../logprobs.ts';
import { decodeUsage } from './decode-usage.ts';
import { FINISH, type Finish } from './finish.ts';

interface OpenText {
  key: number;
  kind: 'text' | 'refusal' | 'reasoning';
  text: string;
  /** Encrypted reasoning, which only its provider can read. */
  sealed: string;
  logprobs: Logprob[] | undefined;
}

/** Reads a Chat stream chunk by chunk, or a whole answer as one chunk, and appends canonical events to a list. */
export class ChatDecoder {
  readonly #exchange: Exchange;
  readonly #calls: CallAssembler;
  #inputCharacters: number;
  #outputCharacters = 0;
  #open: OpenText | undefined;
  /** Log probabilities of tokens that were not sent yet. */
  #logprobs: { [kind in OpenText['kind']]?: Logprob[] | undefined } = {};
  #hasOutput = false;
  #finish: Finish | undefined;
  #finishWord = '';
  #late = false;
  #usage: Usage | undefined;
  #ended = false;

  constructor(exchange: Exchange, inputCharacters: number) {
    this.#exchange = exchange;
    this.#inputCharacters = inputCharacters;
    this.#calls = new CallAssembler(exchange);
  }

  /** Only usage can still come. */
  get finished(): boolean {
    return this.#finish !== undefined;
  }

  /** The last event was emitted. */
  get ended(): boolean {
    return this.#ended;
  }

  chunk(chunk: ChatChunk, events: StreamEvent[]): void {
    if (this.#ended) return;
    const choice = chunk.choices?.[0];
    const usage = chunk.usage ?? choice?.usage;
    if (usage) this.#usage = decodeUsage(usage) ?? this.#usage;
    if (choice) this.#choice(choice, events);
  }

  /** Called after `[DONE]`, or after the last byte without it. */
  end(marked: boolean, events: StreamEvent[]): void {
    if (this.#ended) return;
    const finish = this.#finish ?? (marked && this.#hasOutput && this.#calls.allWhole ? 'stop' : undefined);
    if (finish === undefined) return this.fail(cutShort(), events);
    if (finish === 'failed')
      return this.fail(new GatewayError('upstream_failed', `the stream was interrupted: the provider broke off its answer (${this.#finishWord})`), events);
    if (finish === 'overflow')
      return this.fail(new GatewayError('context_length_exceeded', "the conversation no longer fits into the model's context window"), events);
    const cut = finish !== 'stop';
    this.#closeText(events, cut);
    const calls = this.#calls.close(events);
    for (const [at, { key, item }] of calls.entries()) {
      // nothing shows that the last call is whole
      const incomplete = cut && (at === calls.length - 1 || !isWhole(item.arguments));
      events.push({ type: 'item.done', key, item: incomplete ? { ...item, status: 'incomplete' } : finishCall(item) });
    }
    const reason = finish === 'length' ? 'max_output_tokens' : finish === 'content_filter' ? 'content_filter' : undefined;
    this.#end(reason ? { type: 'end', status: 'incomplete', reason } : { type: 'end', status: 'completed' }, events);
  }

  /** Leaves open items open: half a text or call must not pass for a whole one. */
  fail(error: GatewayError, events: StreamEvent[]): void {
    if (!this.#ended) this.#end({ type: 'end', status: 'failed', error }, events);
  }

  #choice(choice: ChatChoice, events: StreamEvent[]): void {
    const delta = choice.delta ?? choice.message;
    if (delta && choice.logprobs) this.#collectLogprobs(delta, choice.logprobs);
    if (delta) this.#delta(delta, events);
    if (typeof choice.finish_reason !== 'string' || choice.finish_reason === '' || this.#finish) return;
    this.#finishWord = choice.finish_reason;
    this.#finish = FINISH.get(choice.finish_reason.toLowerCase());
    if (this.#finish) return;
    this.#exchange.warn({ param: 'finish_reason', reason: 'unknown' });
    this.#finish = 'stop';
  }

  /**
   * Collects log probabilities until their text comes: the token of half a character has no text and goes out with the
   * next one. Those of reasoning and calls are left out.
   */
  #collectLogprobs(delta: ChatDelta, { content, refusal }: NonNullable<ChatChoice['logprobs']>): void {
    const isText = delta.content || (delta.content === '' && !delta.reasoning_content && !delta.reasoning && !delta.tool_calls?.length);
    const text = isText ? decodeLogprobs(content) : undefined;
    const refused = decodeLogprobs(refusal);
    if (text) this.#keepLogprobs('text', text);
    if (refused) this.#keepLogprobs('refusal', refused);
  }

  #keepLogprobs(kind: 'text' | 'refusal', logprobs: readonly Logprob[]): void {
    const known = this.#logprobs[kind] ?? [];
    for (const each of logprobs) known.push(each);
    this.#logprobs[kind] = known;
  }

  #delta(delta: ChatDelta, events: StreamEvent[]): void {
    const reasoning = delta.reasoning_content || delta.reasoning;
    if (reasoning) this.#text('reasoning', plainText(reasoning), events);
    if (delta.reasoning_encrypted) this.#enter('reasoning', events).sealed += delta.reasoning_encrypted;
    if (delta.content) this.#text('text', plainText(delta.content), events);
    if (delta.refusal) this.#text('refusal', plainText(delta.refusal), events);
    if (Array.isArray(delta.annotations) && this.#open?.kind === 'text') {
      for (const note of delta.annotations) events.push({ type: 'item.note', key: this.#open.key, note: flatNote(note ?? {}) });
    }
    if (!Array.isArray(delta.tool_calls) || delta.tool_calls.length === 0) return;
    this.#noteLate();
    this.#hasOutput = true;
    this.#closeText(events, false);
    this.#outputCharacters += this.#calls.read(delta.tool_calls, events);
  }

  #text(kind: OpenText['kind'], delta: string, events: StreamEvent[]): void {
    if (delta === '') return;
    this.#noteLate();
    if (kind !== 'reasoning') this.#hasOutput = true;
    const open = this.#enter(kind, events);
    open.text += delta;
    this.#outputCharacters += delta.length;
    if (this.#logprobs[kind]) this.#flushLogprobs(open, delta, events);
    else events.push({ type: 'item.delta', key: open.key, channel: kind, delta });
  }

  #flushLogprobs(open: OpenText, delta: string, events: StreamEvent[]): void {
    const logprobs = this.#logprobs[open.kind];
    if (!logprobs) return;
    this.#logprobs[open.kind] = undefined;
    open.logprobs ??= [];
    for (const each of logprobs) open.logprobs.push(each);
    events.push({ type: 'item.delta', key: open.key, channel: open.kind, delta, logprobs });
  }

  #enter(kind: OpenText['kind'], events: StreamEvent[]): OpenText {
    if (this.#open?.kind === kind) return this.#open;
    this.#closeText(events, false);
    this.#open = { key: this.#exchange.newKey(), kind, text: '', sealed: '', logprobs: undefined };
    const item = kind === 'reasoning' ? { type: 'reasoning' as const, summary: [] } : { type: 'message' as const, role: 'assistant' as const, content: [] };
    events.push({ type: 'item.added', key: this.#open.key, item });
    return this.#open;
  }

  #closeText(events: StreamEvent[], cut: boolean): void {
    if (!this.#open) return;
    this.#flushLogprobs(this.#open, '', events);
    const { key, kind, text, sealed, logprobs } = this.#open;
    this.#open = undefined;
    const status = cut ? ({ status: 'incomplete' } as const) : {};
    if (kind === 'reasoning') {
      const content = text === '' ? [] : [{ type: 'reasoning_text' as const, text }];
      events.push({ type: 'item.done', key, item: { type: 'reasoning', summary: [], content, ...(sealed && { encrypted_content: sealed }), ...status } });
    } else {
      const part = kind === 'text' ? ({ type: 'output_text', text } as const) : ({ type: 'refusal', refusal: text } as const);
      const content = [{ ...part, ...(logprobs && { logprobs }) }];
      events.push({ type: 'item.done', key, item: { type: 'message', role: 'assistant', content, ...status } });
    }
  }

  #noteLate(): void {
    if (this.#finish === undefined || this.#late) return;
    this.#late = true;
    this.#exchange.warn({ param: 'finish_reason', reason: 'content_came_after_it' });
  }

  #end(end: EndEvent, events: StreamEvent[]): void {
    this.#ended = true;
    const usage = end.status === 'failed' ? this.#usage : (this.#usage ?? estimateUsage(this.#inputCharacters, this.#outputCharacters));
    events.push(usage ? { ...end, usage } : end);
  }
}

function finishCall(item: FunctionCall): FunctionCall {
  return item.arguments === '' ? { ...item, arguments: '{}' } : item;
}

/** Some providers send a list of parts. */
function plainText(content: string | ChatText[]): string {
  if (typeof content === 'string') return content;
  return Array.isArray(content) ? content.map((part) => part?.text ?? '').join('') : '';
}

/** Flattens an annotation: Chat nests the fields that Responses has beside the type. */
function flatNote({ type, ...rest }: Record<string, unknown>): Record<string, unknown> {
  const inner = rest[String(type)];
  return { type, ...(typeof inner === 'object' && inner ? inner : rest) };
}
