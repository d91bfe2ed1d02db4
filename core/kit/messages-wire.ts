/** The parts of Anthropic's Messages that the gateway reads and writes, on both sides. Typed, not validated. */
export interface MessagesRequest {
  model: string;
  max_tokens: number;
  messages: MessagesMessage[];
  system?: string | TextBlock[];
  stream?: boolean;
  tools?: MessagesTool[];
  tool_choice?: MessagesToolChoice;
  thinking?: Thinking;
  output_config?: { effort?: string; format?: OutputFormat };
  stop_sequences?: string[];
  temperature?: number;
  top_p?: number;
  top_k?: number;
  metadata?: { user_id?: string };
  service_tier?: string;
  [other: string]: unknown;
}
export interface MessagesMessage {
  role: 'user' | 'assistant';
  content: string | MessagesBlock[];
}
export interface MessagesTool {
  name: string;
  description?: string;
  /** A JSON schema of type `object`. */
  input_schema: Record<string, unknown>;
  strict?: boolean;
  [other: string]: unknown;
}
export interface MessagesToolChoice {
  type: 'auto' | 'none' | 'any' | 'tool';
  name?: string;
  disable_parallel_tool_use?: boolean;
}
export type Thinking = { type: 'enabled'; budget_tokens: number } | { type: 'disabled' } | { type: 'adaptive'; display?: 'summarized' | 'omitted' };
export interface OutputFormat {
  type: 'json_schema';
  schema: unknown;
}

export type MessagesBlock = TextBlock | ImageBlock | DocumentBlock | ThinkingBlock | RedactedThinkingBlock | ToolUseBlock | ToolResultBlock;
export interface TextBlock {
  type: 'text';
  text: string;
}
export interface ImageBlock {
  type: 'image';
  source: { type: 'base64'; media_type: string; data: string } | { type: 'url'; url: string };
}
export interface DocumentBlock {
  type: 'document';
  source: { type: 'base64'; media_type: string; data: string } | { type: 'text'; media_type: string; data: string } | { type: 'url'; url: string };
  title?: string;
}
/** The provider refuses a block whose text differs from the signed one. */
export interface ThinkingBlock {
  type: 'thinking';
  thinking: string;
  signature: string;
}
export interface RedactedThinkingBlock {
  type: 'redacted_thinking';
  data: string;
}
export interface ToolUseBlock {
  type: 'tool_use';
  id: string;
  name: string;
  input: unknown;
}
export interface ToolResultBlock {
  type: 'tool_result';
  tool_use_id: string;
  content: string | (TextBlock | ImageBlock | DocumentBlock)[];
  is_error?: boolean;
}

/** One event of a stream, or a whole answer, which has the type `message`. */
export interface MessagesChunk {
  type?: string;
  index?: number | null;
  message?: MessagesAnswer | null;
  content_block?: AnswerBlock | null;
  delta?: BlockDelta | null;
  usage?: MessagesUsage | null;
  error?: unknown;
  content?: AnswerBlock[] | null;
  stop_reason?: string | null;
  stop_sequence?: string | null;
  [other: string]: unknown;
}
export interface MessagesAnswer {
  usage?: MessagesUsage | null;
}
/** A block: its beginning in a stream, or all of it. */
export interface AnswerBlock {
  type?: string;
  text?: string | null;
  citations?: (Citation | null)[] | null;
  thinking?: string | null;
  signature?: string | null;
  data?: string | null;
  id?: string | null;
  name?: string | null;
  input?: unknown;
}
export interface BlockDelta {
  type?: string;
  text?: string | null;
  thinking?: string | null;
  signature?: string | null;
  partial_json?: string | null;
  citation?: Citation | null;
  stop_reason?: string | null;
  stop_sequence?: string | null;
}
export interface Citation {
  url?: string | null;
  title?: string | null;
}
export interface MessagesUsage {
  input_tokens?: number | null;
  cache_read_input_tokens?: number | null;
  cache_creation_input_tokens?: number | null;
  output_tokens?: number | null;
  output_tokens_details?: { thinking_tokens?: number | null } | null;
}
