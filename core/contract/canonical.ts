/** What travels between a front door and an upstream: Responses items, and a few slim stream events. */
import type { GatewayError } from './errors.ts';

export type Item =
  | Message
  | FunctionCall
  | FunctionCallOutput
  | CustomToolCall
  | CustomToolCallOutput
  | LocalShellCall
  | LocalShellCallOutput
  | Reasoning
  | AdditionalTools
  | ToolSearchCall
  | ToolSearchOutput
  | AgentMessage
  | Compaction
  | CompactionTrigger
  | OtherItem;

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

interface ItemFields {
  id?: string | null;
  /** `incomplete`: the model was cut off inside it. */
  status?: ItemStatus;
}
export interface Message extends ItemFields {
  type: 'message';
  role: 'system' | 'developer' | 'user' | 'assistant';
  content: string | Content[];
  phase?: string;
}
export interface FunctionCall extends ItemFields {
  type: 'function_call';
  call_id: string;
  name: string;
  namespace?: string;
  /** JSON, as the model wrote it: not always valid. */
  arguments: string;
  /** Which arguments a provider encrypted, for Codex; none where the list is empty. */
  encrypted_function_args?: string[];
}
export interface FunctionCallOutput extends ItemFields {
  type: 'function_call_output';
  call_id: string;
  output: string | Content[];
}
export interface CustomToolCall extends ItemFields {
  type: 'custom_tool_call';
  call_id: string;
  name: string;
  namespace?: string;
  input: string;
}
export interface CustomToolCallOutput extends ItemFields {
  type: 'custom_tool_call_output';
  call_id: string;
  output: string | Content[];
}
export interface LocalShellCall extends ItemFields {
  type: 'local_shell_call';
  call_id: string;
  action: LocalShellAction;
}
export interface LocalShellAction {
  type: 'exec';
  command: string[];
  env?: Record<string, string>;
  timeout_ms?: number | null;
  user?: string | null;
  working_directory?: string | null;
}
export interface LocalShellCallOutput extends ItemFields {
  type: 'local_shell_call_output';
  call_id?: string;
  output: string;
}
export interface Reasoning extends ItemFields {
  type: 'reasoning';
  summary: Content[];
  content?: Content[];
  encrypted_content?: string | null;
}
/** Tools that are told of inside the input. */
interface AdditionalTools extends ItemFields {
  type: 'additional_tools';
  tools: Tool[];
}
interface ToolSearchCall extends ItemFields {
  type: 'tool_search_call';
  call_id: string;
  execution?: 'client' | 'server';
  arguments: Record<string, unknown>;
}
/** The tools that were found stand only here. */
interface ToolSearchOutput extends ItemFields {
  type: 'tool_search_output';
  call_id: string;
  tools: Tool[];
}
/** What one agent tells another. */
export interface AgentMessage extends ItemFields {
  type: 'agent_message';
  /** A path: `/root/child`. */
  recipient?: string | null;
  content?: string | Content[] | null;
  encrypted_content?: string | null;
}
/** A summary in place of what was said before; only who wrote it can read it. */
export interface Compaction extends ItemFields {
  type: 'compaction' | 'compaction_summary' | 'context_compaction';
  encrypted_content?: string | null;
}
/** The last item of an input that asks for a compaction in place of an answer. */
export interface CompactionTrigger extends ItemFields {
  type: 'compaction_trigger';
  /** The answer is to repeat, ahead of the compaction, the messages that it does not take the place of. */
  with_messages?: boolean;
}
/** Calls that ran at a provider, and items only some providers know. */
export interface OtherItem extends ItemFields {
  type: 'item_reference' | HostedCall;
}
export type HostedCall =
  | 'web_search_call'
  | 'file_search_call'
  | 'code_interpreter_call'
  | 'image_generation_call'
  | 'computer_call'
  | 'computer_call_output'
  | 'mcp_call'
  | 'mcp_list_tools'
  | 'mcp_approval_request'
  | 'mcp_approval_response';

export type Content =
  | { type: 'input_text' | 'output_text' | 'summary_text' | 'reasoning_text' | 'text'; text: string; logprobs?: Logprob[] }
  | { type: 'refusal'; refusal: string; logprobs?: Logprob[] }
  | { type: 'input_image'; image_url?: string | null; file_id?: string | null; detail?: 'auto' | 'low' | 'high' | 'original' | null }
  | { type: 'input_file'; filename?: string | null; file_data?: string | null; file_url?: string | null; file_id?: string | null };

/** How likely a token of an answer was, and what was likely in its place. */
export interface Logprob {
  token: string;
  logprob: number;
  /** Of its text in UTF-8: a token may be a part of a character. */
  bytes?: number[];
  top_logprobs?: Logprob[];
}

export type Tool = FunctionTool | CustomTool | NamespaceTool | ToolSearchTool | OtherTool;
export interface FunctionTool {
  type: 'function';
  name: string;
  description?: string | null;
  /** A JSON schema of type `object`. */
  parameters?: Record<string, unknown> | null;
  strict?: boolean | null;
}
export interface CustomTool {
  type: 'custom';
  name: string;
  description?: string | null;
  format?: { type: 'text' } | { type: 'grammar'; syntax: string; definition: string } | null;
}
export interface NamespaceTool {
  type: 'namespace';
  name: string;
  description?: string | null;
  tools: Tool[];
}
interface ToolSearchTool {
  type: 'tool_search';
  execution?: 'client' | 'server';
  description?: string | null;
  parameters?: Record<string, unknown> | null;
}
/** Hosted tools run at the provider; `local_shell` runs at the client. */
export interface OtherTool {
  type:
    | 'web_search'
    | 'web_search_preview'
    | 'file_search'
    | 'code_interpreter'
    | 'image_generation'
    | 'computer'
    | 'computer_use_preview'
    | 'mcp'
    | 'local_shell';
}

export type ToolChoice = 'auto' | 'none' | 'required' | NamedChoice;
export interface NamedChoice {
  type: string;
  name?: string;
  namespace?: string;
  mode?: 'auto' | 'required';
  tools?: NamedChoice[];
}

export interface TextFormat {
  type: 'text' | 'json_object' | 'json_schema';
  name?: string;
  schema?: unknown;
  strict?: boolean | null;
  description?: string | null;
}

/** A Responses request body; `input` is always a list. `null` is the same as absent. */
export interface CanonicalRequest {
  model: string;
  instructions?: string | null;
  input: Item[];
  tools?: Tool[] | null;
  tool_choice?: ToolChoice | null;
  parallel_tool_calls?: boolean | null;
  reasoning?: { effort?: string | null; summary?: string | null } | null;
  text?: { format?: TextFormat | null; verbosity?: string | null } | null;
  max_output_tokens?: number | null;
  temperature?: number | null;
  top_p?: number | null;
  top_logprobs?: number | null;
  /** Texts at which the answer ends; they are not part of it. */
  stop?: string[] | null;
  top_k?: number | null;
  seed?: number | null;
  presence_penalty?: number | null;
  frequency_penalty?: number | null;
  service_tier?: string | null;
  /** Requests of one conversation have the same. */
  prompt_cache_key?: string | null;
  safety_identifier?: string | null;
  include?: string[] | null;
  previous_response_id?: string | null;
  /** `false`: the client does not want its response kept. */
  store?: boolean | null;
  stream?: boolean | null;
}

export type Channel = 'text' | 'refusal' | 'summary' | 'reasoning' | 'arguments' | 'input';

/**
 * `key` names an item within its exchange; a position it gets only in the front door, in the order items are added.
 * A delta may be empty where it only tells `logprobs`, of a text or a refusal.
 * `item.done` carries the whole item: nobody else accumulates. `end` comes exactly once, last, on failure too.
 */
export type StreamEvent =
  | { type: 'start' }
  | { type: 'item.added'; key: number; item: Item }
  | { type: 'item.delta'; key: number; channel: Channel; delta: string; part?: number; logprobs?: Logprob[] }
  | { type: 'item.note'; key: number; note: Record<string, unknown> }
  | { type: 'item.done'; key: number; item: Item }
  | { type: 'raw'; event: unknown }
  | EndEvent;

export interface EndEvent {
  type: 'end';
  status: 'completed' | 'incomplete' | 'failed';
  /** Why it is incomplete. */
  reason?: 'max_output_tokens' | 'content_filter';
  /** Which of the request's `stop` ended it, where one did and it is known. */
  stop?: string;
  usage?: Usage;
  error?: GatewayError;
}

/** In tokens. `input_tokens` includes those read from a cache and written to it, `output_tokens` the reasoning. */
export interface Usage {
  input_tokens: number;
  cached_tokens: number;
  /** Where the provider tells: they cost more. */
  cache_write_tokens?: number;
  output_tokens: number;
  reasoning_tokens: number;
  /** The provider told none: counted here, roughly. */
  estimated?: true;
}

/** The text of a message or tool output, its parts joined by line ends. */
export function textOf(content: string | readonly Content[] | null | undefined): string {
  if (typeof content === 'string') return content;
  return (content ?? []).flatMap((part) => ('text' in part ? part.text : 'refusal' in part ? part.refusal : [])).join('\n');
}
