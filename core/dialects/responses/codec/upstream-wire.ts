/** One event of a provider's stream, or a whole response. Typed, not validated. */
export interface ResponsesChunk {
  type?: string;
  object?: string;
  item?: AnswerItem | null;
  item_id?: string | null;
  output_index?: number | null;
  content_index?: number | null;
  summary_index?: number | null;
  delta?: string | null;
  logprobs?: unknown;
  annotation?: Record<string, unknown> | null;
  response?: ResponsesAnswer | null;
  error?: unknown;
  output?: (AnswerItem | null)[] | null;
  status?: string | null;
  incomplete_details?: { reason?: string | null } | null;
  usage?: ResponsesUsage | null;
  [other: string]: unknown;
}
export interface ResponsesAnswer {
  output?: (AnswerItem | null)[] | null;
  status?: string | null;
  incomplete_details?: { reason?: string | null } | null;
  usage?: ResponsesUsage | null;
}
export interface AnswerItem {
  type?: string;
  id?: string | null;
  status?: string | null;
  call_id?: string | null;
  name?: string | null;
  arguments?: unknown;
  input?: string | null;
  encrypted_content?: string | null;
  /** Some providers send one part in place of the list. */
  content?: AnswerPart[] | AnswerPart | string | null;
  summary?: AnswerPart[] | AnswerPart | null;
  [other: string]: unknown;
}
export interface AnswerPart {
  type?: string;
  text?: string | null;
  refusal?: string | null;
  annotations?: (Record<string, unknown> | null)[] | null;
  logprobs?: unknown;
}
export interface ResponsesUsage {
  input_tokens?: number | null;
  input_tokens_details?: { cached_tokens?: number | null; cache_write_tokens?: number | null } | null;
  output_tokens?: number | null;
  output_tokens_details?: { reasoning_tokens?: number | null } | null;
}
