/** The canonical form, which front doors and upstreams exchange: Responses items, and a few slim stream events. */
import type { GatewayError } from './errors.ts';

/**
 * One element of a conversation, discriminated on `type`. Field names are those of the Responses API.
 * @example
 * const weather: Item = { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{"city":"Bonn"}' };
 * const answer: Item = { type: 'function_call_output', call_id: 'call_1', output: 'Rain, 12 °C' };
 */
export type Item = Message | Reasoning | Call | CallOutput | AdditionalTools | AgentMessage | Compaction | CompactionTrigger | OtherItem;
type Call = FunctionCall | CustomToolCall | LocalShellCall | ToolSearchCall;
type CallOutput = FunctionCallOutput | CustomToolCallOutput | LocalShellCallOutput | ToolSearchOutput;

interface ItemFields {
  id?: string | null;
  /** `incomplete`: the model was cut off inside the item. */
  status?: 'in_progress' | 'completed' | 'incomplete';
}
/** Text, images and files of one role. */
export interface Message extends ItemFields {
  type: 'message';
  role: 'system' | 'developer' | 'user' | 'assistant';
  content: string | Content[];
  phase?: string;
}
/** The model calls a function of the client. */
export interface FunctionCall extends ItemFields {
  type: 'function_call';
  call_id: string;
  name: string;
  namespace?: string;
  /** JSON as the model wrote it, which is not always valid. */
  arguments: string;
  /** The arguments that the provider encrypted, for Codex. An empty list means none. */
  encrypted_function_args?: string[];
}
/** The client answers a function call. */
export interface FunctionCallOutput extends ItemFields {
  type: 'function_call_output';
  call_id: string;
  output: string | Content[];
}
/** The model calls a tool whose input is free text. */
export interface CustomToolCall extends ItemFields {
  type: 'custom_tool_call';
  call_id: string;
  name: string;
  namespace?: string;
  input: string;
}
/** The client answers a custom tool call. */
export interface CustomToolCallOutput extends ItemFields {
  type: 'custom_tool_call_output';
  call_id: string;
  output: string | Content[];
}
/** The model runs a command with the client's own shell tool. */
export interface LocalShellCall extends ItemFields {
  type: 'local_shell_call';
  call_id: string;
  action: LocalShellAction;
}
/** The command of a local shell call. */
export interface LocalShellAction {
  type: 'exec';
  command: string[];
  env?: Record<string, string>;
  timeout_ms?: number | null;
  user?: string | null;
  working_directory?: string | null;
}
/** The client answers a local shell call. */
export interface LocalShellCallOutput extends ItemFields {
  type: 'local_shell_call_output';
  call_id?: string;
  output: string;
}
/** The model's thinking: in words, sealed by its provider, or both. */
export interface Reasoning extends ItemFields {
  type: 'reasoning';
  summary: Content[];
  content?: Content[];
  encrypted_content?: string | null;
}
/** Tools that the input declares. */
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
/** The tools found by a search: the request's own `tools` do not list them. */
interface ToolSearchOutput extends ItemFields {
  type: 'tool_search_output';
  call_id: string;
  tools: Tool[];
}
/** A message from one agent to another. */
export interface AgentMessage extends ItemFields {
  type: 'agent_message';
  /** A path, like `/root/child`. */
  recipient?: string | null;
  content?: string | Content[] | null;
  encrypted_content?: string | null;
}
/** A summary that replaces earlier turns. Only the provider that wrote it can read it. */
export interface Compaction extends ItemFields {
  type: 'compaction' | 'compaction_summary' | 'context_compaction';
  encrypted_content?: string | null;
}
/** The last item of an input that asks for a compaction instead of an answer. */
export interface CompactionTrigger extends ItemFields {
  type: 'compaction_trigger';
  /** The answer must repeat, before the compaction, the messages that the compaction does not replace. */
  with_messages?: boolean;
}
/** Calls that ran at a provider, and items that only some providers know. */
export interface OtherItem extends ItemFields {
  type: 'item_reference' | HostedCall;
}
/** The item types of hosted tools. */
export type HostedCall = 'web_search_call' | 'file_search_call' | 'code_interpreter_call' | 'image_generation_call' | ComputerItem | McpItem;
type ComputerItem = 'computer_call' | 'computer_call_output';
type McpItem = 'mcp_call' | 'mcp_list_tools' | 'mcp_approval_request' | 'mcp_approval_response';

/** One part of a message, an output or a reasoning item. */
export type Content =
  | { type: 'input_text' | 'output_text' | 'summary_text' | 'reasoning_text' | 'text'; text: string; logprobs?: Logprob[] }
  | { type: 'refusal'; refusal: string; logprobs?: Logprob[] }
  | { type: 'input_image'; image_url?: string | null; file_id?: string | null; detail?: 'auto' | 'low' | 'high' | 'original' | null }
  | { type: 'input_file'; filename?: string | null; file_data?: string | null; file_url?: string | null; file_id?: string | null };

/** The log probability of a token of the answer, and of the likeliest alternatives. */
export interface Logprob {
  token: string;
  logprob: number;
  /** The token's text in UTF-8: a token may be a part of a character. */
  bytes?: number[];
  top_logprobs?: Logprob[];
}

/** A tool that a request offers to the model. */
export type Tool = FunctionTool | CustomTool | NamespaceTool | ToolSearchTool | OtherTool;
/** A function of the client, called with JSON arguments. */
export interface FunctionTool {
  type: 'function';
  name: string;
  description?: string | null;
  /** A JSON schema of type `object`. */
  parameters?: Record<string, unknown> | null;
  strict?: boolean | null;
}
/** A tool of the client, called with free text that may have to follow a grammar. */
export interface CustomTool {
  type: 'custom';
  name: string;
  description?: string | null;
  format?: { type: 'text' } | { type: 'grammar'; syntax: string; definition: string } | null;
}
/** Tools grouped under one name, which qualifies theirs. */
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
  type: HostedTool | 'local_shell';
}
type HostedTool = 'web_search' | 'web_search_preview' | 'file_search' | 'code_interpreter' | 'image_generation' | 'computer' | 'computer_use_preview' | 'mcp';

/** The tools that the model may or must use. */
export type ToolChoice = 'auto' | 'none' | 'required' | NamedChoice;
/** A choice of one tool, or (`allowed_tools`) of several. */
export interface NamedChoice {
  type: string;
  name?: string;
  namespace?: string;
  mode?: 'auto' | 'required';
  tools?: NamedChoice[];
}

/** The format that the answer's text must have. */
export interface TextFormat {
  type: 'text' | 'json_object' | 'json_schema';
  name?: string;
  schema?: unknown;
  strict?: boolean | null;
  description?: string | null;
}

/**
 * A Responses request body. `input` is always a list, and `null` means the same as absent.
 * @example
 * const input: Item[] = [{ type: 'message', role: 'user', content: 'Hi' }];
 * const request: CanonicalRequest = { model: 'glm-5.1', input, stream: true };
 */
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
  /** Texts at which the answer ends. The answer does not contain them. */
  stop?: string[] | null;
  top_k?: number | null;
  seed?: number | null;
  presence_penalty?: number | null;
  frequency_penalty?: number | null;
  service_tier?: string | null;
  /** Requests of one conversation share the key. */
  prompt_cache_key?: string | null;
  safety_identifier?: string | null;
  include?: string[] | null;
  previous_response_id?: string | null;
  /** `false`: the client does not want its response stored. */
  store?: boolean | null;
  stream?: boolean | null;
}

/** The part of an item that a delta appends to. */
export type Channel = 'text' | 'refusal' | 'summary' | 'reasoning' | 'arguments' | 'input';

/**
 * One event of an answer. `key` identifies an item within its exchange; the front door assigns positions, in the order
 * in which items are added. A delta may be empty if it only carries `logprobs`, of a text or a refusal. `item.done`
 * carries the whole item, so that no consumer has to accumulate. `end` comes exactly once, last, on failure too.
 * @example
 * const events: StreamEvent[] = [
 *   { type: 'start' },
 *   { type: 'item.added', key: 0, item: { type: 'message', role: 'assistant', content: '' } },
 *   { type: 'item.delta', key: 0, channel: 'text', delta: 'Hi' },
 *   { type: 'item.done', key: 0, item: { type: 'message', role: 'assistant', content: 'Hi' } },
 *   { type: 'end', status: 'completed' },
 * ];
 */
export type StreamEvent =
  | { type: 'start' }
  | { type: 'item.added'; key: number; item: Item }
  | { type: 'item.delta'; key: number; channel: Channel; delta: string; part?: number; logprobs?: Logprob[] }
  | { type: 'item.note'; key: number; note: Record<string, unknown> }
  | { type: 'item.done'; key: number; item: Item }
  | { type: 'raw'; event: unknown }
  | EndEvent;

/** The last event of every answer. */
export interface EndEvent {
  type: 'end';
  status: 'completed' | 'incomplete' | 'failed';
  /** Why the answer is incomplete. */
  reason?: 'max_output_tokens' | 'content_filter';
  /** The text of the request's `stop` that ended the answer, if one did and the provider reports it. */
  stop?: string;
  usage?: Usage;
  error?: GatewayError;
}

/**
 * Counts of tokens. `input_tokens` includes tokens read from a cache and written to it, `output_tokens` the reasoning.
 * @example const usage: Usage = { input_tokens: 900, cached_tokens: 800, output_tokens: 40, reasoning_tokens: 0 };
 */
export interface Usage {
  input_tokens: number;
  cached_tokens: number;
  /** Present if the provider reports it: these tokens cost more. */
  cache_write_tokens?: number;
  output_tokens: number;
  reasoning_tokens: number;
  /** The provider reported no usage: the gateway estimated it. */
  estimated?: true;
}

/** Joins the text parts of a message or a tool output with line ends. */
export function textOf(content: string | readonly Content[] | null | undefined): string {
  if (typeof content === 'string') return content;
  return (content ?? []).flatMap((part) => ('text' in part ? part.text : 'refusal' in part ? part.refusal : [])).join('\n');
}
