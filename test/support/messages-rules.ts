import type { MessagesBlock, MessagesMessage, MessagesRequest, ThinkingBlock } from '../../core/kit/messages-wire.ts';

/** The documented fields; others are refused. */
const FIELDS = new Set(
  'model messages max_tokens system stream temperature top_p top_k stop_sequences tools tool_choice thinking output_config metadata service_tier'.split(' '),
);
/** The fields that a beta adds. */
const BETA_FIELDS = new Set(['context_management', 'mcp_servers', 'container']);
const NAME = /^[a-zA-Z0-9_-]{1,128}$/;
const ID = /^[a-zA-Z0-9_-]+$/;
const LEAST_THOUGHT = 1_024;

/**
 * Returns the documented reason to refuse a request, or nothing. `signed` holds the thoughts that the API signed, by
 * signature; a client that asks for betas may send more.
 */
export function refusalOf(asked: MessagesRequest, signed: ReadonlyMap<string, string>, beta = false): string | undefined {
  const body = beta ? { ...asked, messages: asked.messages.filter(({ role }) => (role as string) !== 'system') } : asked;
  return (
    fields(body, beta) ?? tools(body) ?? thinking(body) ?? body.messages.map((message, at) => shape(message, at, signed)).find(Boolean) ?? order(body.messages)
  );
}

function fields(body: MessagesRequest, beta: boolean): string | undefined {
  const unknown = Object.keys(body).find((name) => !FIELDS.has(name) && !(beta && BETA_FIELDS.has(name)));
  if (unknown) return `${unknown}: Extra inputs are not permitted`;
  if (!Number.isInteger(body.max_tokens) || body.max_tokens < 1) return 'max_tokens: Field required';
  if (!Array.isArray(body.messages) || body.messages.length === 0) return 'messages: at least one message is required';
  if (body.temperature !== undefined && (body.temperature < 0 || body.temperature > 1)) return 'temperature: range: 0..1';
  if (body.temperature !== undefined && body.top_p !== undefined) return '`temperature` and `top_p` cannot both be specified for this model';
  return undefined;
}

function tools({ tools: offered = [], tool_choice: choice, messages }: MessagesRequest): string | undefined {
  for (const { name, input_schema: schema, ...tool } of offered) {
    if ((tool['type'] ?? 'custom') !== 'custom') continue; // a tool of the platform itself
    if (!NAME.test(name)) return `tools: ${name} is no name`;
    if (schema?.['type'] !== 'object') return `tools.${name}.input_schema.type: Field required`;
    if (['anyOf', 'oneOf', 'allOf'].some((field) => field in schema)) return `tools.${name}.input_schema: no anyOf, oneOf or allOf at the top level`;
  }
  const names = offered.map(({ name }) => name);
  if (new Set(names).size < names.length) return 'tools: Tool names must be unique.';
  if (choice && names.length === 0) return 'tool_choice: may only be specified while providing tools';
  const called = messages.some(({ content }) => blocksOf(content).some(({ type }) => type === 'tool_use'));
  return called && names.length === 0 ? 'tools: Field required where there are tool_use blocks' : undefined;
}

function thinking({ thinking: asked, max_tokens: most, temperature, top_k, tool_choice: choice, messages }: MessagesRequest): string | undefined {
  if (asked?.type !== 'enabled') return undefined;
  if (asked.budget_tokens < LEAST_THOUGHT) return 'thinking.enabled.budget_tokens: Input should be greater than or equal to 1024';
  if (asked.budget_tokens >= most) return '`max_tokens` must be greater than `thinking.budget_tokens`';
  if ((temperature ?? 1) !== 1 || top_k !== undefined) return '`temperature` may only be set to 1, and `top_k` not at all, when thinking is enabled';
  if (choice?.type === 'any' || choice?.type === 'tool') return 'Thinking may not be enabled when tool_choice forces tool use.';
  const last = blocksOf(messages.findLast(({ role }) => role === 'assistant')?.content ?? []);
  const begins = last[0]?.type === 'thinking' || last[0]?.type === 'redacted_thinking';
  if (last.some(({ type }) => type === 'tool_use') && !begins)
    return 'When `thinking` is enabled, a final `assistant` message must start with a thinking block';
  return undefined;
}

function shape({ role, content }: MessagesMessage, at: number, signed: ReadonlyMap<string, string>): string | undefined {
  if (role !== 'user' && role !== 'assistant') return `messages.${at}.role: ${role} is none`;
  if (blocksOf(content).length === 0) return `messages.${at}: all messages must have non-empty content`;
  for (const block of blocksOf(content)) {
    if (block.type === 'text' && block.text.trim() === '') return `messages.${at}: text content blocks must contain non-whitespace text`;
    if (block.type === 'tool_use' && (!ID.test(block.id) || typeof block.input !== 'object')) return `messages.${at}: a tool_use with id ${block.id}`;
    if (block.type === 'thinking' && signed.get(block.signature) !== block.thinking) return forged(block, at);
  }
  return undefined;
}

function forged({ signature }: ThinkingBlock, at: number): string {
  return `messages.${at}: Invalid \`signature\` in \`thinking\` block (${signature.slice(0, 20)})`;
}

/** Checks that roles take turns, and that the results of all tool_use blocks begin the next message. */
function order(messages: readonly MessagesMessage[]): string | undefined {
  let open: string[] = [];
  for (const [at, { role, content }] of messages.entries()) {
    if (role !== (at % 2 === 0 ? 'user' : 'assistant')) return `messages.${at}: roles must alternate, and the first is the user`;
    const blocks = blocksOf(content);
    const results = blocks.flatMap((block) => (block.type === 'tool_result' ? block.tool_use_id : []));
    if (open.some((id) => !results.includes(id)))
      return `messages.${at}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${open.join(', ')}`;
    if (results.some((id) => !open.includes(id))) return `messages.${at}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${results.join(', ')}`;
    if (blocks.slice(0, results.length).some(({ type }) => type !== 'tool_result')) return `messages.${at}: \`tool_result\` blocks must come first`;
    open = blocks.flatMap((block) => (block.type === 'tool_use' ? block.id : []));
  }
  return open.length > 0 ? `messages: ${open[0]} has no result` : undefined;
}

function blocksOf(content: string | MessagesBlock[]): MessagesBlock[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content;
}
