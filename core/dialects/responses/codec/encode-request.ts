import type { CanonicalRequest, CustomToolCall, FunctionCall, Item, TextFormat } from '../../../contract/canonical.ts';
import type { Exchange } from '../../../contract/exchange.ts';
import { objectJson } from '../../../kit/call-arguments.ts';
import { withoutHistory } from '../../without-history.ts';

/** Fields that pass as they are, if given. */
const PASSED = [
  'instructions',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'reasoning',
  'max_output_tokens',
  'max_tool_calls',
  'temperature',
  'top_p',
  'truncation',
  'service_tier',
  'prompt_cache_key',
  'safety_identifier',
  'metadata',
];
/** Fields that Responses does not have. */
const UNKNOWN = ['stop', 'top_k', 'seed', 'presence_penalty', 'frequency_penalty'] as const;
/** Responses refuses a smaller limit of output. */
const LEAST_OUTPUT = 16;
const SEALED = 'reasoning.encrypted_content';

/**
 * Encodes a canonical request as Responses, which is nearly the same. The provider stores nothing, so it is asked for
 * the reasoning that it needs back. Throws `previous_response_not_found` for a conversation that was not expanded.
 */
export function encodeRequest(request: CanonicalRequest, exchange: Exchange): Record<string, unknown> {
  if (request.previous_response_id) throw withoutHistory();
  const given = request as unknown as Record<string, unknown>;
  const body: Record<string, unknown> = { model: exchange.model, input: answered(request.input).flatMap(encodeItem) };
  for (const field of PASSED) if (given[field] != null) body[field] = given[field];
  if (request.tools?.length === 0) for (const field of ['tools', 'tool_choice', 'parallel_tool_calls']) delete body[field];
  if (request.text) body['text'] = { ...request.text, ...(request.text.format && { format: encodeFormat(request.text.format) }) };
  for (const param of UNKNOWN) if (isAsked(request[param])) exchange.warn({ param, reason: 'not_in_responses' });
  if (request.max_output_tokens != null && request.max_output_tokens < LEAST_OUTPUT) {
    body['max_output_tokens'] = LEAST_OUTPUT;
    exchange.warn({ param: 'max_output_tokens', reason: `at_least_${LEAST_OUTPUT}` });
  }
  if (request.top_logprobs) body['top_logprobs'] = request.top_logprobs;
  return { ...body, include: [...new Set([...(request.include ?? []), SEALED])], store: false, stream: request.stream === true };
}

/** Adds an output to each call without one, which the provider would refuse. */
function answered(input: readonly Item[]): readonly Item[] {
  const outputs = new Set(input.flatMap((item) => ('output' in item ? (item.call_id ?? []) : [])));
  const isOpen = (item: Item) => (item.type === 'function_call' || item.type === 'custom_tool_call') && !outputs.has(item.call_id);
  if (!input.some(isOpen)) return input;
  return input.flatMap((item): Item[] => {
    if (!isOpen(item)) return [item];
    const { type, call_id } = item as FunctionCall | CustomToolCall;
    return [item, { type: `${type}_output`, call_id, output: '[no output: the call was interrupted]' }];
  });
}

function isAsked(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

/** Adds the schema's name, which Responses requires. */
function encodeFormat(format: TextFormat): TextFormat {
  return format.type === 'json_schema' ? { name: 'response', ...format } : format;
}

/** Drops ids of ours, which the provider would look up, and reasoning that it did not encrypt: that is not its own. */
function encodeItem(item: Item): Record<string, unknown>[] {
  if (item.type === 'reasoning') {
    const { type, summary, encrypted_content } = item;
    return encrypted_content ? [{ type, summary, encrypted_content }] : [];
  }
  const { id, internal_chat_message_metadata_passthrough: _, ...rest } = item as Item & Record<string, unknown>;
  const isNamed = rest.type === 'item_reference' || (rest.type === 'local_shell_call_output' && !rest['call_id']);
  const isSearch = rest.type === 'tool_search_call' || rest.type === 'tool_search_output';
  if (isSearch && rest['execution'] === 'server') return [{ ...rest, call_id: null }]; // it ran at the provider
  if (rest.type === 'function_call') return [{ ...rest, arguments: objectJson(rest.arguments) }];
  return [isNamed ? { id, ...rest } : rest];
}
