import type { ServerResponse } from 'node:http';
import type { ChatMessage, ChatRequest, ChatTool } from '../../../core/contract/chat-wire.ts';
import { type OfferedFunction, refusalOfFunctions, unknownIn } from '../../support/openai-rules.ts';
import { tell, type Wire } from '../../support/strict-provider.ts';
import { pieces, type Turn } from '../../support/turn.ts';

const FIELDS = new Set(
  (
    'model messages stream stream_options max_tokens max_completion_tokens temperature top_p n stop seed tools tool_choice parallel_tool_calls response_format ' +
    'reasoning_effort verbosity presence_penalty frequency_penalty logit_bias logprobs top_logprobs user metadata store service_tier prompt_cache_key safety_identifier'
  ).split(' '),
);
const ROLES = new Set(['system', 'developer', 'user', 'assistant', 'tool']);
const LONGEST_ID = 40;
const USAGE = { prompt_tokens: 20, completion_tokens: 7, total_tokens: 27, prompt_tokens_details: { cached_tokens: 5 } };

/** Chat Completions as OpenAI is documented to take and give it; it thinks aloud as its successors do. */
export function chatWire(): Wire<ChatRequest> {
  let made = 0;
  return {
    path: '/chat/completions',
    refusalOf: (body) => fields(body) ?? body.messages.map(shape).find(Boolean) ?? order(body.messages),
    answer(response, body, { thinking = '', text = '', calls = [], cut }) {
      const offered = ((body.tools ?? []) as ChatTool[]).map((tool) => tool.function.name);
      const wrong: string[] = [];
      const named = calls.map(({ name: wanted, input }) => {
        const name = offered.find((each) => (typeof wanted === 'string' ? each === wanted : wanted.test(each)));
        if (name === undefined) wrong.push(`the script calls ${wanted}, but offered are ${offered.join(', ')}`);
        return { id: `call_${String(++made).padStart(24, '0')}`, name: name ?? String(wanted), arguments: JSON.stringify(input) };
      });
      const told = { thinking, text, calls: named };
      if (body.stream) stream(response, body, told, cut);
      else tell(response, 200, whole(body, told));
      return wrong;
    },
  };
}

interface Told extends Required<Pick<Turn, 'thinking' | 'text'>> {
  calls: { id: string; name: string; arguments: string }[];
}

function fields(body: ChatRequest): string | undefined {
  const { messages, tools } = body;
  if (!Array.isArray(messages) || messages.length === 0) return "Invalid 'messages': empty array. Expected an array with minimum length 1";
  if (tools !== undefined && tools.length === 0) return "Invalid 'tools': empty array. Expected an array with minimum length 1";
  if (tools === undefined && (body.tool_choice !== undefined || body['parallel_tool_calls'] !== undefined))
    return "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.";
  if (body['stream_options'] !== undefined && !body.stream) return "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
  const odd = (tools ?? []).find(({ type }) => type !== 'function' && (type as string) !== 'custom');
  if (odd) return `Invalid value: '${(odd as { type: string }).type}'. Supported values are: 'function' and 'custom'.`;
  const functions = (tools ?? []).flatMap((tool) => (tool.type === 'function' ? [(tool as ChatTool).function as OfferedFunction] : []));
  return unknownIn(body, FIELDS) ?? refusalOfFunctions(functions);
}

function shape({ role, content, tool_calls: calls, tool_call_id: id }: ChatMessage, at: number): string | undefined {
  if (!ROLES.has(role)) return `Invalid value: '${role}'. Supported values are: ${[...ROLES].join(', ')}. (messages[${at}].role)`;
  if (calls?.length === 0) return `Invalid 'messages[${at}].tool_calls': empty array`;
  if (!(role === 'assistant' && calls) && (content === null || content === undefined))
    return `Invalid value for 'content': expected a string, got null. (${at})`;
  if (Array.isArray(content) && content.length === 0) return `Invalid 'messages[${at}].content': empty array`;
  for (const { id: own, type, function: called } of calls ?? []) {
    if (type !== 'function' || typeof called?.arguments !== 'string') return `Invalid 'messages[${at}].tool_calls': ${own} is malformed`;
  }
  const long = [id ?? '', ...(calls ?? []).map((call) => call.id)].find((each) => each.length > LONGEST_ID);
  return long && `Invalid 'messages[${at}].tool_call_id': string too long. Expected a string with maximum length ${LONGEST_ID}`;
}

/** Each call has its output right behind the message it stands in, and no output is without a call. */
function order(messages: readonly ChatMessage[]): string | undefined {
  let open: string[] = [];
  for (const { role, tool_call_id: id = '', tool_calls: calls = [] } of messages) {
    if (role === 'tool') {
      if (!open.includes(id)) return "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
      open = open.filter((each) => each !== id);
      continue;
    }
    if (open.length > 0) break;
    open = calls.map((call) => call.id);
  }
  return open.length > 0 ? `An assistant message with 'tool_calls' must be followed by tool messages responding to each: ${open.join(', ')}` : undefined;
}

function stream(response: ServerResponse, body: ChatRequest, { thinking, text, calls }: Told, cut?: true): void {
  const head = { id: 'chatcmpl-A1', object: 'chat.completion.chunk', created: 1_763_600_000, model: body.model };
  const send = (choices: object[], more: object = {}) => void response.write(`data: ${JSON.stringify({ ...head, choices, ...more })}\n\n`);
  const delta = (delta: object, finish_reason: string | null = null) => send([{ index: 0, delta, finish_reason }]);
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  delta({ role: 'assistant', content: '' });
  for (const piece of pieces(thinking)) delta({ reasoning_content: piece });
  for (const piece of pieces(text)) delta({ content: piece });
  for (const [index, { id, name, arguments: json }] of calls.entries()) {
    delta({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] });
    for (const piece of pieces(json)) delta({ tool_calls: [{ index, function: { arguments: piece } }] });
  }
  if (cut) return void response.socket?.end();
  delta({}, calls.length > 0 ? 'tool_calls' : 'stop');
  if ((body['stream_options'] as { include_usage?: boolean } | undefined)?.include_usage) send([], { usage: USAGE });
  response.end('data: [DONE]\n\n');
}

function whole({ model }: ChatRequest, { thinking, text, calls }: Told): object {
  const tool_calls = calls.map(({ id, ...called }) => ({ id, type: 'function', function: called }));
  const message = {
    role: 'assistant',
    content: text || null,
    refusal: null,
    ...(thinking && { reasoning_content: thinking }),
    ...(calls.length > 0 && { tool_calls }),
  };
  const choice = { index: 0, message, logprobs: null, finish_reason: calls.length > 0 ? 'tool_calls' : 'stop' };
  return { id: 'chatcmpl-A1', object: 'chat.completion', created: 1_763_600_000, model, choices: [choice], usage: USAGE };
}
