import type { CanonicalRequest, FunctionTool, Item, NamedChoice, TextFormat } from '../../../contract/canonical.ts';
import type { Exchange } from '../../../contract/exchange.ts';
import type { MessagesRequest, MessagesTool, MessagesToolChoice } from '../../../kit/messages-wire.ts';
import { asksLogprobs } from '../../logprobs.ts';
import { withoutHistory } from '../../without-history.ts';
import { encodeInput } from './encode-input.ts';
import { encodeThinking } from './encode-thinking.ts';

/** The required limit of output, if neither the client nor the preset knows one. */
const MOST_OUTPUT = 32_000;
const NO_PARAMETERS = { type: 'object', properties: {} };
const TIERS = new Map([
  ['auto', 'auto'],
  ['default', 'standard_only'],
]);
/** Fields that plain Messages does not have. */
const UNKNOWN = ['seed', 'presence_penalty', 'frequency_penalty', 'top_logprobs'] as const;

/**
 * Encodes a lowered request as Messages: function tools, and items that `encodeInput` knows. Whatever Messages cannot
 * carry is left out with a warning. Throws `previous_response_not_found` for a conversation that was not expanded.
 */
export function encodeRequest(request: CanonicalRequest, exchange: Exchange): MessagesRequest {
  if (request.previous_response_id) throw withoutHistory();
  const { system, messages } = encodeInput(request, exchange);
  const body: MessagesRequest = { model: exchange.model, max_tokens: request.max_output_tokens ?? mostOutput(exchange), messages };
  if (request.stream) body.stream = true;
  encodeFormat(request.text?.format, body, system, exchange);
  if (system.length > 0) body.system = system.map((text) => ({ type: 'text', text }));
  encodeTools(request, body, exchange);
  encodeSampling(request, body, exchange);
  encodeThinking(request, body, exchange);
  if (request.safety_identifier) body.metadata = { user_id: request.safety_identifier };
  const tier = request.service_tier == null ? undefined : TIERS.get(request.service_tier);
  if (tier) body.service_tier = tier;
  else if (request.service_tier) exchange.warn({ param: 'service_tier', reason: 'not_in_messages' });
  if (request.text?.verbosity != null) exchange.warn({ param: 'text.verbosity', reason: 'not_in_messages' });
  for (const param of UNKNOWN) if (request[param]) exchange.warn({ param, reason: 'not_in_messages' });
  if (asksLogprobs(request) && !request.top_logprobs)
    exchange.warn({ param: exchange.client.dialect === 'chat' ? 'logprobs' : 'include', reason: 'not_in_messages' });
  return body;
}

function mostOutput({ preset, model }: Exchange): number {
  return preset.models.find(({ id }) => id === model)?.maxOutput ?? MOST_OUTPUT;
}

function encodeFormat(format: TextFormat | null | undefined, body: MessagesRequest, system: string[], exchange: Exchange): void {
  if (format?.type === 'json_schema') body.output_config = { format: { type: 'json_schema', schema: format.schema } };
  if (format?.type !== 'json_object') return;
  system.push('Answer with a single JSON object, and nothing else.');
  exchange.warn({ param: 'text.format', reason: 'only_in_the_prompt' });
}

function encodeTools({ tools, input, tool_choice: choice, parallel_tool_calls: parallel }: CanonicalRequest, body: MessagesRequest, exchange: Exchange): void {
  const functions = (tools ?? []).filter((tool, at): tool is FunctionTool => {
    if (tool.type !== 'function') exchange.warn({ param: `tools[${at}]`, reason: `${tool.type}_not_in_messages` });
    return tool.type === 'function';
  });
  const named = typeof choice === 'object' && choice?.type === 'allowed_tools' ? choice : undefined;
  const allowed = named?.tools && new Set(named.tools.map(({ name }) => name));
  const offered = allowed ? functions.filter(({ name }) => allowed.has(name)) : functions;
  if (offered.length === 0) return declareCalled(input, body);
  body.tools = offered.map(encodeTool);
  const encoded = encodeChoice(named ? (named.mode ?? 'auto') : choice, exchange);
  if (parallel === false && encoded?.type !== 'none') body.tool_choice = { ...(encoded ?? { type: 'auto' }), disable_parallel_tool_use: true };
  else if (encoded) body.tool_choice = encoded;
}

/** Messages refuses calls in the history of a request without tools, such as one that asks for a summary. */
function declareCalled(input: readonly Item[], body: MessagesRequest): void {
  const names = new Set(input.flatMap((item) => (item.type === 'function_call' ? item.name : [])));
  if (names.size === 0) return;
  body.tools = [...names].map((name) => ({ name, input_schema: NO_PARAMETERS }));
  body.tool_choice = { type: 'none' };
}

function encodeTool({ name, description, parameters, strict }: FunctionTool): MessagesTool {
  const { $schema: _, ...schema }: Record<string, unknown> = parameters ?? NO_PARAMETERS;
  return { name, ...(description && { description }), input_schema: { type: 'object', ...schema }, ...(strict && parameters && { strict }) };
}

function encodeChoice(choice: string | NamedChoice | null | undefined, exchange: Exchange): MessagesToolChoice | undefined {
  if (choice == null) return undefined;
  if (choice === 'auto' || choice === 'none') return { type: choice };
  if (choice === 'required') return { type: 'any' };
  if (typeof choice === 'object' && choice.type === 'function' && choice.name) return { type: 'tool', name: choice.name };
  exchange.warn({ param: 'tool_choice', reason: 'not_in_messages' });
  return undefined;
}

function encodeSampling({ temperature, top_p, top_k, stop }: CanonicalRequest, body: MessagesRequest, exchange: Exchange): void {
  if (temperature != null) body.temperature = Math.min(temperature, 1);
  if (temperature != null && temperature > 1) exchange.warn({ param: 'temperature', reason: 'at_most_1' });
  if (top_p != null && temperature == null) body.top_p = top_p;
  else if (top_p != null) exchange.warn({ param: 'top_p', reason: 'not_beside_temperature' });
  if (top_k != null) body.top_k = top_k;
  const sequences = (stop ?? []).filter((text) => text.trim() !== '');
  if (sequences.length > 0) body.stop_sequences = sequences;
  if (sequences.length < (stop?.length ?? 0)) exchange.warn({ param: 'stop', reason: 'blank' });
}
