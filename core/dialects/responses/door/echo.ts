import type { CanonicalRequest, Tool } from '../../../contract/canonical.ts';

/** Fields of the request that a response repeats, with their defaults. */
const DEFAULTS = {
  instructions: null,
  tools: [],
  tool_choice: 'auto',
  parallel_tool_calls: true,
  temperature: 1,
  top_p: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
  top_logprobs: 0,
  text: { format: { type: 'text' } },
  reasoning: null,
  truncation: 'disabled',
  metadata: {},
  store: true,
  background: false,
  service_tier: 'default',
  max_output_tokens: null,
  max_tool_calls: null,
  previous_response_id: null,
  safety_identifier: null,
  prompt_cache_key: null,
};
/** SDKs read these fields even if they were not sent. */
const NO_FUNCTION = { description: null, parameters: null, strict: null };
const NO_FORMAT = { description: null, strict: false };
const NO_REASONING = { effort: null, summary: null };

/** The constant part of a response, as JSON without its braces. */
export function echo(request: CanonicalRequest): string {
  const given = request as unknown as Record<string, unknown>;
  const echoed: Record<string, unknown> = {};
  for (const [field, fallback] of Object.entries(DEFAULTS)) echoed[field] = given[field] ?? fallback;
  echoed['tools'] = (request.tools ?? []).map((tool: Tool) => (tool.type === 'function' ? { ...NO_FUNCTION, ...tool } : tool));
  if (request.reasoning) echoed['reasoning'] = { ...NO_REASONING, ...request.reasoning };
  if (request.text) echoed['text'] = encodeText(request.text);
  return JSON.stringify(echoed).slice(1, -1);
}

function encodeText({ format, verbosity }: NonNullable<CanonicalRequest['text']>): unknown {
  const encoded = format?.type === 'json_schema' ? { ...NO_FORMAT, name: 'response', ...format } : (format ?? DEFAULTS.text.format);
  return { format: encoded, ...(verbosity != null && { verbosity }) };
}
