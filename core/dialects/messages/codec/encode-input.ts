import {
  type CanonicalRequest,
  type FunctionCall,
  type FunctionCallOutput,
  type Item,
  type Message,
  type Reasoning,
  textOf,
} from '../../../contract/canonical.ts';
import type { Exchange } from '../../../contract/exchange.ts';
import { readArguments } from '../../../kit/call-arguments.ts';
import type { MessagesBlock, MessagesMessage, ToolResultBlock } from '../../../kit/messages-wire.ts';
import { encodeContent } from './encode-content.ts';

interface Encoded {
  /** The instructions, and system messages before the conversation. */
  system: string[];
  messages: MessagesMessage[];
}

/** Encodes instructions and items as a conversation in which user and assistant take turns, and the user begins. */
export function encodeInput(request: CanonicalRequest, exchange: Exchange): Encoded {
  const begins = request.input.findIndex((item) => !isInstruction(item));
  const before = begins === -1 ? request.input : request.input.slice(0, begins);
  const texts = [request.instructions ?? '', ...before.map((item) => textOf((item as Message).content))];
  const conversation = new Conversation(request.input, exchange);
  for (const [at, item] of request.input.entries()) if (at >= before.length) conversation.add(item, at);
  return { system: texts.filter((text) => text.trim() !== ''), messages: conversation.end() };
}

function isInstruction(item: Item): boolean {
  return item.type === 'message' && (item.role === 'system' || item.role === 'developer');
}

/** Answers a turn of the assistant that called tools at once, by one message that begins with all their results. */
class Conversation {
  readonly #exchange: Exchange;
  readonly #messages: { role: 'user' | 'assistant'; content: MessagesBlock[] }[] = [];
  /** The outputs of each id, the last one first. A call id may be used twice: the first call gets the first output. */
  readonly #outputs: Map<string, FunctionCallOutput[]>;
  readonly #calls: ReadonlySet<string>;
  #open: string[] = [];

  constructor(input: readonly Item[], exchange: Exchange) {
    this.#exchange = exchange;
    this.#outputs = Map.groupBy(input.filter((item) => item.type === 'function_call_output').reverse(), ({ call_id }) => call_id);
    this.#calls = new Set(input.flatMap((item) => (item.type === 'function_call' ? item.call_id : [])));
  }

  add(item: Item, at: number): void {
    switch (item.type) {
      case 'message':
        return this.#say(item);
      case 'reasoning':
        return this.#put('assistant', encodeReasoning(item));
      case 'function_call':
        return this.#call(item, at);
      case 'function_call_output':
        return this.#output(item);
      default:
        this.#exchange.warn({ param: `input[${at}]`, reason: `${item.type}_not_in_messages` });
    }
  }

  end(): MessagesMessage[] {
    this.#answerCalls();
    if (this.#messages[0]?.role !== 'user') {
      this.#messages.unshift({ role: 'user', content: [{ type: 'text', text: '(continue)' }] });
      this.#exchange.warn({ param: 'input', reason: 'the_user_must_begin' });
    }
    const last = this.#messages.at(-1);
    const text = last?.role === 'assistant' ? last.content.at(-1) : undefined;
    if (text?.type === 'text') text.text = text.text.trimEnd(); // Messages refuses trailing blanks in a prefill
    return this.#messages;
  }

  #say({ role, content }: Message): void {
    const blocks = encodeContent(content, this.#exchange);
    if (role === 'assistant' || role === 'user') return this.#put(role, blocks);
    const text = textOf(content);
    if (text.trim() !== '') this.#put('user', [{ type: 'text', text: `<system-reminder>\n${text}\n</system-reminder>` }]);
  }

  #call({ call_id: id, name, arguments: json }: FunctionCall, at: number): void {
    this.#put('assistant', [{ type: 'tool_use', id, name, input: this.#parse(json, at) }]);
    this.#open.push(id);
  }

  /** The output of a known call goes out with that call, wherever it stands. */
  #output({ call_id: id, output }: FunctionCallOutput): void {
    if (this.#calls.has(id)) return this.#answerCalls();
    this.#exchange.warn({ param: 'input', reason: 'output_without_its_call' });
    this.#put('user', [{ type: 'text', text: `[output of unknown call ${id}]` }, ...encodeContent(output, this.#exchange)]);
  }

  #put(role: 'user' | 'assistant', blocks: readonly MessagesBlock[]): void {
    if (blocks.length === 0) return;
    if (role === 'user') this.#answerCalls();
    const last = this.#messages.at(-1);
    if (last?.role === role) for (const block of blocks) last.content.push(block);
    else this.#messages.push({ role, content: [...blocks] });
  }

  #answerCalls(): void {
    if (this.#open.length === 0) return;
    const open = this.#open;
    this.#open = [];
    this.#put(
      'user',
      open.map((id) => this.#result(id)),
    );
  }

  #result(id: string): ToolResultBlock {
    const output = this.#outputs.get(id)?.pop();
    if (!output) return { type: 'tool_result', tool_use_id: id, content: '[no output: the call was interrupted]' };
    const blocks = encodeContent(output.output, this.#exchange);
    const [only, ...others] = blocks;
    if (!only) return { type: 'tool_result', tool_use_id: id, content: '(no output)' };
    return { type: 'tool_result', tool_use_id: id, content: only.type === 'text' && others.length === 0 ? only.text : blocks };
  }

  #parse(json: string, at: number): Record<string, unknown> {
    const { object, mended } = readArguments(json);
    if (mended && json !== '') this.#exchange.log.info({ at }, 'arguments of a call are not a JSON object');
    return object;
  }
}

/**
 * Encodes the reasoning that the provider accepts back: thinking that it signed, or, without a summary, redacted
 * thinking. It refuses any other.
 */
function encodeReasoning({ encrypted_content: sealed, summary }: Reasoning): MessagesBlock[] {
  if (!sealed) return [];
  return [summary.length > 0 ? { type: 'thinking', thinking: textOf(summary), signature: sealed } : { type: 'redacted_thinking', data: sealed }];
}
