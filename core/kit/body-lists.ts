/** The lists of a body that may be a client's own: nobody has checked it, and what is wrong with it the provider tells. */
import type { ChatCall, ChatMessage, ChatRequest, ChatTool } from '../contract/chat-wire.ts';

export function messagesOf({ messages }: ChatRequest): ChatMessage[] {
  return objectsIn<ChatMessage>(messages);
}

/** As they are sent: nested. */
export function toolsOf({ tools }: ChatRequest): ChatTool[] {
  return objectsIn<ChatTool>(tools).filter((tool) => isObject(tool.function));
}

export function callsOf({ tool_calls: calls }: Pick<ChatMessage, 'tool_calls'>): ChatCall[] {
  return objectsIn<ChatCall>(calls);
}

function objectsIn<Each extends object>(list: unknown): Each[] {
  if (!Array.isArray(list)) return [];
  return list.every(isObject) ? (list as Each[]) : list.filter(isObject);
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
