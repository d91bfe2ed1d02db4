import type { FunctionTool } from './canonical.ts';

/** The parts of Chat Completions the gateway reads and writes. Plain: OpenAI's fields plus `reasoning_content`. */
export interface ChatRequest {
  model: string;
  messages: ChatMessage[];
  stream?: boolean;
  stream_options?: { include_usage: boolean };
  /** As the codec leaves them; `tool-shape` nests them. */
  tools?: (FunctionTool | ChatTool)[];
  tool_choice?: unknown;
  parallel_tool_calls?: boolean;
  reasoning_effort?: string;
  max_tokens?: number;
  response_format?: unknown;
  [other: string]: unknown;
}
export interface ChatTool {
  type: 'function';
  function: { name: string; description?: string; parameters?: unknown; strict?: boolean };
}
export interface ChatMessage {
  role: 'system' | 'developer' | 'user' | 'assistant' | 'tool';
  content?: string | null | ChatPart[];
  reasoning_content?: string;
  /** What only the provider can read of it, as the plugin of its accent put it: no provider knows the field. */
  reasoning_encrypted?: string;
  tool_calls?: ChatCall[];
  tool_call_id?: string;
  name?: string;
}
export type ChatPart =
  | { type: 'text'; text: string }
  | { type: 'image_url'; image_url: { url: string; detail?: string } }
  | { type: 'file'; file: { filename?: string; file_data: string } };
export interface ChatCall {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
}

/** One event of a stream, or a whole answer: then `message` stands for `delta`. Typed, not validated. */
export interface ChatChunk {
  choices?: ChatChoice[] | null;
  usage?: ChatUsage | null;
  error?: unknown;
  [other: string]: unknown;
}
export interface ChatChoice {
  index?: number;
  delta?: ChatDelta | null;
  message?: ChatDelta | null;
  finish_reason?: string | null;
  logprobs?: { content?: unknown; refusal?: unknown } | null;
  usage?: ChatUsage | null;
}
export interface ChatDelta {
  role?: string | null;
  content?: string | ChatText[] | null;
  refusal?: string | null;
  reasoning_content?: string | ChatText[] | null;
  /** What some name `reasoning_content`. */
  reasoning?: string | null;
  /** Put by the plugin of an accent: see the request's. */
  reasoning_encrypted?: string | null;
  tool_calls?: ChatCallDelta[] | null;
  annotations?: Record<string, unknown>[] | null;
}
export interface ChatText {
  text?: string;
}
export interface ChatCallDelta {
  index?: number | null;
  id?: string | null;
  type?: string | null;
  function?: { name?: string | null; arguments?: unknown } | null;
}
export interface ChatUsage {
  prompt_tokens?: number;
  completion_tokens?: number;
  cached_tokens?: number;
  prompt_cache_hit_tokens?: number;
  prompt_tokens_details?: { cached_tokens?: number; cache_write_tokens?: number } | null;
  completion_tokens_details?: { reasoning_tokens?: number } | null;
}
