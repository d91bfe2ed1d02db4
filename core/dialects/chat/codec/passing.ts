import type { ChatChoice, ChatChunk, ChatDelta } from '../../../contract/chat-wire.ts';
import type { Exchange } from '../../../contract/exchange.ts';
import type { Passing } from '../../codec.ts';
import { PassingCalls } from './passing-calls.ts';

const CALLS = ['"tool_calls":[{', '"tool_calls": [{'];
const NO_ROLE = ['"role":""', '"role": ""'];
/** Matches the first text of an answer: one space at most, so no backtracking. */
const TEXT = /"(?:content|refusal)": ?(?:"[^"]|\[\{)/;

/** Mends a passing Chat answer: roles, indexes, calls. Adds the finish reason to one that ends without it. */
export class ChatPassing implements Passing<ChatChunk> {
  readonly id = undefined;
  readonly done = 'data: [DONE]\n\n';
  readonly #exchange: Exchange;
  /** By the index of their choice. */
  readonly #calls = new Map<number, PassingCalls>();
  #head: ChatChunk = { object: 'chat.completion.chunk' };
  #hasText = false;
  #finished = false;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  wants(events: string): boolean {
    const has = (mark: string) => events.includes(mark);
    return !has('"index"') || CALLS.some(has) || NO_ROLE.some(has) || (!this.#hasText && TEXT.test(events));
  }

  chunk(chunk: ChatChunk): ChatChunk {
    const { choices, id, created, model } = chunk;
    if (!Array.isArray(choices)) return chunk;
    this.#head = { ...this.#head, ...(id !== undefined && { id, created, model }) };
    const mended = choices.map((choice, at) => choice && this.#choice(choice, at));
    return mended.every((choice, at) => choice === choices[at]) ? chunk : { ...chunk, choices: mended };
  }

  missing(marked: boolean): ChatChunk[] | undefined {
    if (this.#finished) return [];
    const calls = this.#calls.get(0);
    const called = calls !== undefined && calls.count > 0;
    if (!marked || !(this.#hasText || called) || calls?.areWhole === false) return undefined;
    return [{ ...this.#head, choices: [{ index: 0, delta: {}, finish_reason: called ? 'tool_calls' : 'stop' }] }];
  }

  #choice(choice: ChatChoice, at: number): ChatChoice {
    const index = typeof choice.index === 'number' ? choice.index : at;
    if (index === 0 && typeof choice.finish_reason === 'string' && choice.finish_reason !== '') this.#finished = true;
    const field = choice.delta ? 'delta' : 'message';
    const said = choice[field];
    const mended = said && this.#said(said, index, field === 'message');
    const isPlaced = field === 'message' || index === choice.index; // nobody looks for the index of a whole answer
    if (mended === said && isPlaced) return choice;
    return { ...choice, ...(!isPlaced && { index }), ...(mended !== said && { [field]: mended }) };
  }

  #said(said: ChatDelta, index: number, isWhole: boolean): ChatDelta {
    const { role, content, refusal, tool_calls: calls } = said;
    this.#hasText ||= Boolean(content || refusal);
    const mended = Array.isArray(calls) && calls.length > 0 ? this.#callsOf(index).read(calls, isWhole) : calls;
    if (role !== '' && mended === calls) return said;
    return { ...said, ...(role === '' && { role: 'assistant' }), ...(mended && { tool_calls: mended }) };
  }

  #callsOf(index: number): PassingCalls {
    const known = this.#calls.get(index) ?? new PassingCalls(this.#exchange);
    this.#calls.set(index, known);
    return known;
  }
}
