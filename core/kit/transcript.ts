import { type Content, type Item, textOf } from '../contract/canonical.ts';
import type { ChatCall, ChatMessage, ChatPart } from '../contract/chat-wire.ts';

/**
 * Writes a conversation as messages of Chat Completions, for a record. It holds the client's side of the conversation,
 * whatever was sent to a provider.
 */
export function transcriptOf(items: readonly Item[]): ChatMessage[] {
  const messages: ChatMessage[] = [];
  for (const item of items) {
    const message = messageOf(item);
    if (!message) continue;
    const last = messages.at(-1);
    if (last?.role === 'assistant' && message.role === 'assistant' && fits(last, message)) messages[messages.length - 1] = joined(last, message);
    else messages.push(message);
  }
  return messages;
}

function messageOf(item: Item): ChatMessage | undefined {
  switch (item.type) {
    case 'message':
      return { role: item.role, content: item.role === 'assistant' ? textOf(item.content) : contentOf(item.content) };
    case 'agent_message':
      return { role: 'user', content: contentOf(item.content ?? '') };
    case 'reasoning': {
      const text = textOf(item.content?.length ? item.content : item.summary);
      return text ? { role: 'assistant', content: null, reasoning_content: text } : undefined;
    }
    case 'function_call':
      return callOf(item.call_id, item.namespace ? `${item.namespace}__${item.name}` : item.name, item.arguments);
    case 'custom_tool_call':
      return callOf(item.call_id, item.name, JSON.stringify({ input: item.input }));
    case 'local_shell_call':
      return callOf(item.call_id, 'local_shell', JSON.stringify(item.action));
    case 'tool_search_call':
      return callOf(item.call_id, 'tool_search', JSON.stringify(item.arguments));
    case 'tool_search_output':
      return { role: 'tool', tool_call_id: item.call_id, content: JSON.stringify(item.tools) };
    case 'function_call_output':
    case 'custom_tool_call_output':
    case 'local_shell_call_output':
      return { role: 'tool', tool_call_id: item.call_id ?? '', content: contentOf(item.output) };
    default:
      return undefined; // nothing that anybody said in words
  }
}

function callOf(id: string, name: string, words: string): ChatMessage {
  return { role: 'assistant', content: null, tool_calls: [{ id, type: 'function', function: { name, arguments: words } } satisfies ChatCall] };
}

/** True if the messages make one in the order thinking, words, calls. */
function fits(before: ChatMessage, next: ChatMessage): boolean {
  if (next.reasoning_content !== undefined) return before.content === null && !before.tool_calls;
  return next.tool_calls !== undefined || (before.content === null && !before.tool_calls);
}

function joined(before: ChatMessage, next: ChatMessage): ChatMessage {
  const thought = [before.reasoning_content, next.reasoning_content].filter((text) => text !== undefined).join('\n');
  const calls = [...(before.tool_calls ?? []), ...(next.tool_calls ?? [])];
  const content = before.content ?? next.content ?? null;
  return { role: 'assistant', content, ...(thought && { reasoning_content: thought }), ...(calls.length > 0 && { tool_calls: calls }) };
}

function contentOf(content: string | readonly Content[]): string | ChatPart[] {
  if (typeof content === 'string' || content.every((part) => 'text' in part || 'refusal' in part)) return textOf(content);
  return content.map((part): ChatPart => {
    if (part.type === 'input_image') return { type: 'image_url', image_url: { url: part.image_url ?? part.file_id ?? '' } };
    if (part.type === 'input_file') return { type: 'file', file: { file_data: part.file_data ?? part.file_url ?? part.file_id ?? '' } };
    return { type: 'text', text: textOf([part]) };
  });
}
