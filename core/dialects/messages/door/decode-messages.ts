import { type Content, type Item, type Reasoning, textOf } from '../../../contract/canonical.ts';
import { GatewayError } from '../../../contract/errors.ts';
import type { Exchange } from '../../../contract/exchange.ts';
import { readArguments } from '../../../kit/call-arguments.ts';
import { type ClientNames, markOrigin } from '../../origin.ts';
import { NAMES } from './client-names.ts';
import { decodeContent, elsewhere, resultText } from './decode-content.ts';
import { type DoorMessage, type KnownBlock, readBlock } from './door-body.ts';

type Block<Type extends KnownBlock['type']> = Extract<KnownBlock, { type: Type }>;
interface Placed {
  block: KnownBlock;
  path: string;
}

/** The role whose messages may contain a block. */
const ROLES: { readonly [Type in KnownBlock['type']]?: DoorMessage['role'] } = {
  image: 'user',
  document: 'user',
  search_result: 'user',
  tool_result: 'user',
  tool_use: 'assistant',
  thinking: 'assistant',
  redacted_thinking: 'assistant',
};

/** The sources that the gateway reads. */
const SOURCES: ReadonlyMap<string, readonly string[]> = new Map([
  ['image', ['base64', 'url', 'file']],
  ['document', ['base64', 'url', 'file', 'text', 'content']],
]);

/**
 * Decodes a conversation into items: outputs before the text beside them, and an assistant's thinking, text and calls
 * in their own order.
 */
export class Conversation {
  readonly input: Item[] = [];
  /** The effort in the last message that names one. */
  effort: string | undefined;
  /** Names of the tools in use by now, deferred or not. */
  readonly named = new Set<string>();
  /** Names of the tools that were taken away again. */
  readonly removed = new Set<string>();
  /** Tools that came in the middle of the conversation. */
  readonly added: { tool: unknown; path: string }[] = [];
  readonly #exchange: Exchange;

  constructor(messages: readonly DoorMessage[], exchange: Exchange) {
    this.#exchange = exchange;
    const newest = messages.findLastIndex(({ role }) => role === 'user');
    for (const [at, message] of messages.entries()) {
      this.effort = message.output_config?.effort ?? this.effort;
      const path = `messages.${at}`;
      const blocks = this.#blocks(message, path);
      if (message.role === 'assistant') this.#assistant(blocks, path);
      else if (message.role === 'user') this.#user(blocks, path);
      else if (message.clear_at !== 'next_user_message' || at > newest) this.#system(blocks, path);
    }
    if (messages.at(-1)?.role === 'assistant') exchange.warn({ param: `messages.${messages.length - 1}`, reason: 'prefill' });
  }

  #blocks({ role, content }: DoorMessage, path: string): Placed[] {
    if (typeof content === 'string') return [{ block: { type: 'text', text: content }, path }];
    return (content ?? []).flatMap((raw, at) => {
      const placed = this.#block(raw, `${path}.content.${at}`);
      const required = placed && ROLES[placed.block.type];
      if (!required || required === role) return placed ?? [];
      const param = `${placed.path}.type`;
      throw new GatewayError('invalid_request', `${param}: a "${placed.block.type}" block belongs in a message of the role "${required}", not "${role}"`, {
        param,
      });
    });
  }

  /** Reads a block. Results of a provider's own tool become text; a file in a container is out of reach. */
  #block(raw: { type: string; content?: unknown }, path: string): Placed | undefined {
    const { type, content } = raw;
    const known = SOURCES.get(type);
    const { source } = raw as { source?: { type?: unknown } | null };
    if (type === 'container_upload' || (known && typeof source?.type === 'string' && !known.includes(source.type)))
      return { block: { type: 'text', text: textOf([elsewhere(known ? type : 'file', path, this.#exchange)]) }, path };
    mendCall(raw);
    const block = readBlock(raw, path);
    if (block) return { block, path };
    if (type.endsWith('_tool_result')) return { block: { type: 'text', text: resultText(type, content) }, path };
    this.#exchange.warn({ param: path, reason: `unknown_block_${type}` });
    return undefined;
  }

  #item(item: Item, path: string, names: ClientNames): void {
    this.input.push(markOrigin(item, path, names));
  }

  #user(blocks: readonly Placed[], ofMessage: string): void {
    const said: Content[] = [];
    for (const { block, path } of blocks) {
      if (block.type === 'tool_result' || block.type === 'mcp_tool_result') this.#output(block, path);
      else for (const part of decodeContent(block, path, this.#exchange)) said.push(part);
    }
    if (said.length > 0) this.#item({ type: 'message', role: 'user', content: said }, ofMessage, NAMES.message);
  }

  #output({ tool_use_id: call_id, content, is_error: failed }: Block<'tool_result' | 'mcp_tool_result'>, path: string): void {
    const parts: Content[] = typeof content === 'string' ? [{ type: 'input_text', text: content }] : [];
    if (Array.isArray(content)) {
      for (const [at, raw] of content.entries()) {
        const placed = this.#block(raw, `${path}.content.${at}`);
        if (placed?.block.type === 'tool_reference') this.named.add(placed.block.tool_name);
        if (placed) for (const part of decodeContent(placed.block, placed.path, this.#exchange)) parts.push(part);
      }
    }
    if (failed) markError(parts);
    const texts = parts.flatMap((part) => ('text' in part ? part.text : []));
    this.#item({ type: 'function_call_output', call_id, output: texts.length === parts.length ? texts.join('\n') : parts }, path, NAMES.output);
  }

  #assistant(blocks: readonly Placed[], ofMessage: string): void {
    let said: Content[] | undefined;
    for (const { block, path } of blocks) {
      const texts = decodeContent(block, path, this.#exchange).flatMap((part): Content[] => ('text' in part ? [{ type: 'output_text', text: part.text }] : []));
      if (texts.length > 0) {
        if (said) for (const part of texts) said.push(part);
        else this.#item({ type: 'message', role: 'assistant', content: texts }, ofMessage, NAMES.message);
        said ??= texts;
        continue;
      }
      said = undefined;
      if (block.type === 'thinking') this.#item(thought(block.thinking, block.signature), path, NAMES.thinking);
      else if (block.type === 'redacted_thinking') this.#item(thought('', block.data), path, NAMES.redacted);
      else if (block.type === 'tool_use' || block.type === 'mcp_tool_use') this.#call(block, path);
      else if (block.type === 'mcp_tool_result') this.#output(block, path);
    }
  }

  #call({ id, name, input }: Block<'tool_use' | 'mcp_tool_use'>, path: string): void {
    this.named.add(name);
    this.#item({ type: 'function_call', call_id: id, name, arguments: JSON.stringify(input) }, path, NAMES.call);
  }

  #system(blocks: readonly Placed[], ofMessage: string): void {
    const parts: Content[] = [];
    for (const { block, path } of blocks) {
      if (block.type === 'tool_addition') this.#add(block.tool, `${path}.tool`);
      else if (block.type === 'tool_removal') this.removed.add(String(block.tool['name']));
      else for (const part of decodeContent(block, path, this.#exchange)) parts.push(part);
    }
    if (parts.length > 0) this.#item({ type: 'message', role: 'developer', content: parts }, ofMessage, NAMES.message);
  }

  #add({ type, name, definition }: Record<string, unknown>, path: string): void {
    if (type === 'tool_definition') this.added.push({ tool: definition, path: `${path}.definition` });
    else if (type === 'tool_reference') this.removed.delete(String(name));
    if (type === 'tool_reference') this.named.add(String(name));
  }
}

/** Spells ids as texts, and inputs as objects: a refusal would come back on every turn. */
function mendCall(block: { type: string; id?: unknown; tool_use_id?: unknown; input?: unknown }): void {
  if (typeof block.id === 'number') block.id = String(block.id);
  if (typeof block.tool_use_id === 'number') block.tool_use_id = String(block.tool_use_id);
  if (block.type === 'tool_use' && typeof block.input === 'string') block.input = readArguments(block.input).object;
}

function markError(parts: Content[]): void {
  const [first] = parts;
  const text = first && 'text' in first ? first.text : undefined;
  parts.splice(0, text === undefined ? 0 : 1, { type: 'input_text', text: `[tool error] ${text ?? ''}`.trimEnd() });
}

/** Keeps the signature as encrypted reasoning: only the model that wrote it can read it. */
function thought(text: string, sealed: string | null | undefined): Reasoning {
  return { type: 'reasoning', summary: text ? [{ type: 'summary_text', text }] : [], ...(sealed && { encrypted_content: sealed }) };
}
