import { type OfferedFunction, refusalOfFunctions, unknownIn } from './openai-rules.ts';

// biome-ignore lint/suspicious/noExplicitAny: items of any shape
export type Item = any;

export interface ResponsesBody {
  model: string;
  input?: string | Item[];
  tools?: ({ type: string; tools?: OfferedFunction[] } & OfferedFunction)[];
  stream?: boolean;
  store?: boolean | null;
  include?: string[];
  previous_response_id?: string | null;
  text?: { format?: { type: string } };
  [other: string]: unknown;
}

const FIELDS = new Set(
  (
    'model input instructions tools tool_choice parallel_tool_calls max_tool_calls reasoning text include store stream stream_options previous_response_id ' +
    'conversation prompt max_output_tokens temperature top_p top_logprobs truncation metadata user service_tier background prompt_cache_key ' +
    'prompt_cache_retention safety_identifier context_management'
  ).split(' '),
);
/** The prefix of the ids of each item type. */
const IDS: Record<string, string> = { message: 'msg', reasoning: 'rs', function_call: 'fc', custom_tool_call: 'ctc' };
const PARTS: Record<string, readonly string[]> = {
  user: ['input_text', 'input_image', 'input_file'],
  system: ['input_text', 'input_image', 'input_file'],
  developer: ['input_text', 'input_image', 'input_file'],
  assistant: ['output_text', 'refusal'],
};
const OTHERS = new Set(['additional_tools', 'tool_search_call', 'tool_search_output', 'web_search_call', 'compaction', 'agent_message']);
const CALL_OF: Record<string, string> = { function_call_output: 'function_call', custom_tool_call_output: 'custom_tool_call' };
const LONGEST_ID = 64;

/**
 * Returns the documented reason to refuse a request, or nothing. `items` is its full input; `sealed` holds the
 * thoughts that OpenAI sealed, by their content.
 */
export function refusalOf(body: ResponsesBody, items: readonly Item[], sealed: ReadonlySet<string>): string | undefined {
  const { tools = [], tool_choice: choice } = body;
  if (items.length === 0) return "Missing required parameter: 'input'.";
  if (choice === 'required' && tools.length === 0) return "Tool choice 'required' must be specified with 'tools' parameter.";
  const functions = tools
    .flatMap((tool) => (tool.type === 'namespace' ? (tool.tools ?? []) : tool))
    .filter((tool) => !('type' in tool) || tool.type === 'function');
  return (
    unknownIn(body, FIELDS) ??
    refusalOfFunctions(functions) ??
    items.map((item, at) => shape(item, at, sealed)).find(Boolean) ??
    pairs(items) ??
    thoughts(items)
  );
}

function shape(item: Item, at: number, sealed: ReadonlySet<string>): string | undefined {
  const { type = 'message', id, role, content, call_id: call } = item;
  const begin = IDS[type];
  if (id && begin && !id.startsWith(begin)) return `Invalid 'input[${at}].id': '${id}'. Expected an ID that begins with '${begin}'.`;
  if ([id, call].some((each) => typeof each === 'string' && each.length > LONGEST_ID)) return `Invalid 'input[${at}]': string too long. Expected ${LONGEST_ID}`;
  switch (type) {
    case 'message': {
      const parts = PARTS[role];
      if (!parts) return `Invalid value: '${role}'. (input[${at}].role)`;
      const odd = (Array.isArray(content) ? content : []).find((part: Item) => !parts.includes(part.type));
      if (odd) return `Invalid value: '${odd.type}'. Supported values are: ${parts.join(', ')}. (input[${at}].content)`;
      return content === undefined || content === null ? `Missing required parameter: 'input[${at}].content'.` : undefined;
    }
    case 'reasoning':
      if (!Array.isArray(item.summary)) return `Missing required parameter: 'input[${at}].summary'.`;
      if (!item.encrypted_content) return `Item with id '${id}' not found. Items are not persisted when \`store\` is set to false.`;
      return sealed.has(item.encrypted_content) ? undefined : `The encrypted content for item ${id} could not be verified.`;
    case 'function_call':
    case 'custom_tool_call':
      if (typeof (type === 'function_call' ? item.arguments : item.input) !== 'string') return `Missing required parameter: 'input[${at}].arguments'.`;
      return item.name && call ? undefined : `Missing required parameter: 'input[${at}].call_id'.`;
    case 'function_call_output':
    case 'custom_tool_call_output':
      return item.output === undefined ? `Missing required parameter: 'input[${at}].output'.` : undefined;
    default:
      return OTHERS.has(type) ? undefined : `Invalid value: '${type}'. (input[${at}].type)`;
  }
}

function pairs(items: readonly Item[]): string | undefined {
  for (const [output, called] of Object.entries(CALL_OF)) {
    const ids = (type: string) => items.filter((item) => item.type === type).map((item) => item.call_id);
    const [calls, outputs] = [ids(called), ids(output)];
    const orphan = outputs.find((id) => !calls.includes(id));
    if (orphan) return `No tool call found for function call output with call_id ${orphan}.`;
    const open = calls.find((id) => !outputs.includes(id));
    if (open) return `No tool output found for function call ${open}.`;
    if (new Set(calls).size < calls.length) return `Duplicate call_id in ${calls.join(', ')}.`;
  }
  return undefined;
}

/** Refuses a thought without the item that it led to. */
function thoughts(items: readonly Item[]): string | undefined {
  const alone = items.find(({ type }, at) => {
    const next = items[at + 1];
    return (
      type === 'reasoning' && !(next && ['message', 'function_call', 'custom_tool_call', 'reasoning'].includes(next.type ?? 'message') && next.role !== 'user')
    );
  });
  return alone && `Item '${alone.id}' of type 'reasoning' was provided without its required following item.`;
}
