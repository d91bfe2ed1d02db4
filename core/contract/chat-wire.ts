import type { FunctionTool } from './canonical.ts';

/**
 * The parts of Chat Completions that the gateway reads and writes: OpenAI's fields plus `reasoning_content`.
 * @example const body: ChatRequest = { model: 'glm-5.1', messages: [{ role: 'user', content: 'Hi' }], stream: true };
 */
export interface ChatRequest {
  model: string;
  messages: ChatMessage[];
  stream?: boolean;
  stream_options?: { include_usage: boolean };
  /** Flat as the codec writes them; `tool-shape` nests them. */
  tools?: (FunctionTool | ChatTool)[];
  tool_choice?: unknown;
  parallel_tool_calls?: boolean;
  reasoning_effort?: string;
  max_tokens?: number;
  response_format?: unknown;
  [other: string]: unknown;
}
/** A tool as it is sent. */
export interface ChatTool {
  type: 'function';
  function: { name: string; description?: string; parameters?: unknown; strict?: boolean };
}
/** One message of the conversation. */
export interface ChatMessage {
  role: 'system' | 'developer' | 'user' | 'assistant' | 'tool';
  content?: string | null | ChatPart[];
  reasoning_content?: string;
  /** The part of the reasoning that only its provider can read. An accent plugin sets and consumes the field. */
  reasoning_encrypted?: string;
  tool_calls?: ChatCall[];
  tool_call_id?: string;
  name?: string;
}
/** One part of a message. */
export type ChatPart =
  | { type: 'text'; text: string }
  | { type: 'image_url'; image_url: { url: string; detail?: string } }
  | { type: 'file'; file: { filename?: string; file_data: string } };
/** A tool call in the history. */
export interface ChatCall {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
}

/**
 * One event of a stream, or a whole answer, which has `message` instead of `delta`. Typed, not validated.
 * @example const chunk: ChatChunk = { choices: [{ index: 0, delta: { content: 'Hi' }, finish_reason: null }] };
 */
export interface ChatChunk {
  choices?: ChatChoice[] | null;
  usage?: ChatUsage | null;
  error?: unknown;
  [other: string]: unknown;
}
/** One choice of an answer; the gateway asks for one. */
export interface ChatChoice {
  index?: number;
  delta?: ChatDelta | null;
  message?: ChatDelta | null;
  finish_reason?: string | null;
  logprobs?: { content?: unknown; refusal?: unknown } | null;
  usage?: ChatUsage | null;
}
/** The new part of an answer, or all of it. */
export interface ChatDelta {
  role?: string | null;
  content?: string | ChatText[] | null;
  refusal?: string | null;
  reasoning_content?: string | ChatText[] | null;
  /** Another name of `reasoning_content`, at some providers. */
  reasoning?: string | null;
  /** Set by an accent plugin, as in a `ChatMessage`. */
  reasoning_encrypted?: string | null;
  tool_calls?: ChatCallDelta[] | null;
  annotations?: Record<string, unknown>[] | null;
}
/** A part of a content that comes as a list. */
export interface ChatText {
  text?: string;
}
/** A fragment of a tool call. */
export interface ChatCallDelta {
  index?: number | null;
  id?: string | null;
  type?: string | null;
  function?: { name?: string | null; arguments?: unknown } | null;
}
/** Token counts, in all places where providers report them. */
export interface ChatUsage {
  prompt_tokens?: number;
  completion_tokens?: number;
  cached_tokens?: number;
  prompt_cache_hit_tokens?: number;
  prompt_tokens_details?: { cached_tokens?: number; cache_write_tokens?: number } | null;
  completion_tokens_details?: { reasoning_tokens?: number } | null;
}
