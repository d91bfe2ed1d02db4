import { type CanonicalRequest, type Content, type Item, type Reasoning, textOf } from '../../../contract/canonical.ts';
import type { Exchange } from '../../../contract/exchange.ts';
import { checkBody } from '../../check-body.ts';
import { type ClientNames, markOrigin } from '../../origin.ts';
import { NAMES } from './client-names.ts';
import { decodeContent, decodeText } from './decode-content.ts';
import { type AssistantMessage, callSchema, type DoorCall, type DoorMessage, type DoorThought, messageSchema } from './door-body.ts';

/**
 * Decodes messages into instructions and items: the leading run of system messages becomes the instructions, the
 * contents of an assistant message become items of their own, reasoning first. Throws for an invalid message, naming
 * the field.
 */
export function decodeMessages(messages: readonly unknown[], exchange: Exchange): Required<Pick<CanonicalRequest, 'instructions' | 'input'>> {
  const conversation = new Conversation(exchange);
  for (const [at, message] of (messages as DoorMessage[]).entries()) {
    mendCalls(message as unknown as LooseMessage);
    checkBody(messageSchema(message.role), message, `messages[${at}]`);
    conversation.read(message, `messages[${at}]`);
  }
  return { instructions: conversation.leading.filter(Boolean).join('\n\n') || null, input: conversation.input };
}

interface LooseMessage {
  tool_call_id?: unknown;
  tool_calls?: unknown;
}

/** Spells ids as texts, and arguments as JSON: a refusal would come back on every turn. */
function mendCalls(message: LooseMessage): void {
  if (typeof message.tool_call_id === 'number') message.tool_call_id = String(message.tool_call_id);
  if (!Array.isArray(message.tool_calls)) return;
  for (const call of message.tool_calls as ({ id?: unknown; function?: { arguments?: unknown } | null } | null)[]) {
    if (typeof call?.id === 'number') call.id = String(call.id);
    const given = call?.function?.arguments;
    if (call?.function && typeof given === 'object' && given !== null) call.function.arguments = JSON.stringify(given);
  }
}

class Conversation {
  readonly leading: string[] = [];
  readonly input: Item[] = [];
  readonly #exchange: Exchange;
  /** Ids of calls whose tool takes free text. */
  readonly #custom = new Set<string>();
  /** Calls in the legacy form, which has no ids: the newest by its function's name. */
  readonly #legacy = new Map<string, string>();
  #legacyCalls = 0;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  read(message: DoorMessage, path: string): void {
    const { role } = message;
    switch (role) {
      case 'system':
      case 'developer': {
        const text = decodeText(message.content, `${path}.content`, this.#exchange);
        if (this.input.length === 0) this.leading.push(text);
        else this.#add({ type: 'message', role: 'developer', content: text }, path, NAMES.message);
        return;
      }
      case 'user':
        this.#add({ type: 'message', role, content: decodeContent(message.content, role, `${path}.content`, this.#exchange) }, path, NAMES.message);
        return;
      case 'assistant':
        return this.#assistant(message, path);
      case 'tool':
        return this.#output(message.tool_call_id, message.content, path);
      case 'function':
        return this.#legacyOutput(message.name, message.content, path);
    }
  }

  #add(item: Item, path: string, names?: ClientNames): void {
    this.input.push(markOrigin(item, path, names));
  }

  #assistant(message: AssistantMessage, path: string): void {
    if ('audio' in message && message.audio) this.#exchange.warn({ param: `${path}.audio`, reason: 'audio_is_not_translated' });
    const reasoning = decodeReasoning(message);
    if (reasoning) this.#add(reasoning, path, NAMES.reasoning);
    const calls = message.tool_calls ?? [];
    const content = this.#contentOf(message, `${path}.content`);
    const isMessage = content.length > 0 || (calls.length === 0 && !message.function_call);
    if (isMessage) this.#add({ type: 'message', role: 'assistant', content }, path, NAMES.message);
    for (const [at, call] of calls.entries()) {
      const place = `${path}.tool_calls[${at}]`;
      checkBody(callSchema(call), call, place);
      this.#call(call as DoorCall, place);
    }
    if (!message.function_call) return;
    const call_id = `call_legacy_${this.#legacyCalls++}`;
    this.#legacy.set(message.function_call.name, call_id);
    const { name, arguments: written } = message.function_call;
    this.#add({ type: 'function_call', call_id, name, arguments: written }, `${path}.function_call`, NAMES.legacyCall);
  }

  #contentOf({ content, refusal }: AssistantMessage, path: string): Content[] {
    const decoded = content == null ? [] : decodeContent(content, 'assistant', path, this.#exchange);
    const parts: Content[] = typeof decoded === 'string' ? [{ type: 'output_text', text: decoded }] : decoded;
    const filled = parts.filter((part) => !('text' in part) || part.text !== '');
    return refusal ? [...filled, { type: 'refusal', refusal }] : filled;
  }

  #call(call: DoorCall, path: string): void {
    if ('custom' in call) {
      this.#custom.add(call.id);
      this.#add({ type: 'custom_tool_call', call_id: call.id, ...call.custom }, path, NAMES.customCall);
    } else {
      const { name, arguments: written } = call.function;
      this.#add({ type: 'function_call', call_id: call.id, name, arguments: written }, path, NAMES.call);
    }
  }

  #output(call_id: string, content: string | { type: string }[] | null, path: string): void {
    const parts = decodeContent(content ?? '', 'user', `${path}.content`, this.#exchange);
    const output = typeof parts === 'string' || parts.some((part) => !('text' in part)) ? parts : textOf(parts);
    this.#add({ type: this.#custom.has(call_id) ? 'custom_tool_call_output' : 'function_call_output', call_id, output }, path, NAMES.output);
  }

  #legacyOutput(name: string, content: string | { type: string }[] | null, path: string): void {
    const call = this.#legacy.get(name);
    if (call !== undefined) return this.#output(call, content, path);
    this.#exchange.warn({ param: path, reason: 'no_function_call_came_before' });
    const text = decodeText(content ?? '', `${path}.content`, this.#exchange);
    this.#add({ type: 'message', role: 'user', content: `Output of the function ${name}:\n${text}` }, path, NAMES.message);
  }
}

/** Reads reasoning under each of its names: `reasoning_content`, `reasoning`, or details with an encrypted form. */
function decodeReasoning({ reasoning_content, reasoning, reasoning_details: details }: AssistantMessage): Reasoning | undefined {
  const text = reasoning_content || reasoning || (details ?? []).map(({ text, summary }: DoorThought) => text ?? summary ?? '').join('');
  const sealed = details?.find(({ type, data }) => type === 'reasoning.encrypted' && data)?.data;
  if (!text && !sealed) return undefined;
  return { type: 'reasoning', summary: [], content: text ? [{ type: 'reasoning_text', text }] : [], ...(sealed && { encrypted_content: sealed }) };
}
