/** Reads the lists of a body that may come unchecked from a client: the provider reports what is wrong with it. */
import type { ChatCall, ChatMessage, ChatRequest, ChatTool } from '../contract/chat-wire.ts';

export function messagesOf({ messages }: ChatRequest): ChatMessage[] {
  return objectsIn<ChatMessage>(messages);
}

/** The tools that are nested in `function`, as they are sent. */
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
