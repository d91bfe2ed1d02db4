import type { ChatMessage, ChatRequest, ChatTool } from '../../core/contract/chat-wire.ts';

/**
 * The fields that the coding endpoint documents or was seen to accept; of the others, the real one refuses some and
 * ignores some.
 */
const FIELDS = new Set(
  'model messages stream stream_options max_tokens temperature top_p do_sample seed stop tools tool_choice tool_stream response_format thinking reasoning_effort request_id user_id'.split(
    ' ',
  ),
);
const ROLES = new Set(['system', 'user', 'assistant', 'tool']);
const NAME = /^[a-zA-Z0-9_-]{1,64}$/;

/**
 * Returns the provider's reason to refuse a request, or nothing. `reasonings` holds the thought before each call, by
 * call id.
 */
export function refusalOf(body: ChatRequest, reasonings: ReadonlyMap<string, string>): string | undefined {
  return fields(body) ?? tools(body.tools ?? []) ?? body.messages.map((message) => shape(message, reasonings)).find(Boolean) ?? order(body.messages);
}

function fields(body: ChatRequest): string | undefined {
  const unknown = Object.keys(body).find((name) => !FIELDS.has(name));
  if (unknown) return `${unknown}: no such parameter`;
  if (!Array.isArray(body.messages) || body.messages.length === 0) return 'messages: must not be empty';
  if (body.tool_choice !== undefined && body.tool_choice !== 'auto') return 'tool_choice: only auto is supported';
  return undefined;
}

function tools(offered: NonNullable<ChatRequest['tools']>): string | undefined {
  for (const tool of offered) {
    if (tool.type !== 'function') return `tools: type ${String((tool as { type: unknown }).type)} is not supported`;
    const { function: described } = tool as Partial<ChatTool>;
    if (!described) return 'tools: function must not be null';
    if (!NAME.test(described.name)) return `tools: ${described.name} is no name`;
    if (typeof described.parameters !== 'object' || !described.parameters) return `tools: ${described.name} has no parameters`;
  }
  const names = offered.map((tool) => (tool as ChatTool).function.name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  return twice && `tools: ${twice} is there twice`;
}

function shape({ role, content, reasoning_content: reasoning, tool_calls: calls }: ChatMessage, reasonings: ReadonlyMap<string, string>): string | undefined {
  if (!ROLES.has(role)) return `messages: role ${role} is illegal`;
  if (role === 'tool' && typeof content !== 'string') return 'messages: the content of a tool message must be a string';
  if (role !== 'assistant' && (content === undefined || content === null)) return `messages: a ${role} message without content`;
  for (const { id, type, function: called } of calls ?? []) {
    if (type !== 'function' || typeof called.arguments !== 'string') return `messages: call ${id} is malformed`;
    const thought = reasonings.get(id);
    if (thought !== undefined && reasoning !== thought) return `messages: call ${id} must come with its reasoning_content, unmodified`;
  }
  return undefined;
}

/** Checks that each call has its output right behind its message, and that each output has its call. */
function order(messages: readonly ChatMessage[]): string | undefined {
  let open: string[] = [];
  for (const { role, tool_call_id: id = '', tool_calls: calls } of messages) {
    if (role === 'tool') {
      if (!open.includes(id)) return `messages: output ${id} has no preceding call`;
      open = open.filter((each) => each !== id);
      continue;
    }
    if (open.length > 0) break;
    open = (calls ?? []).map((call) => call.id);
  }
  return open.length > 0 ? `messages: call ${open[0]} has no output` : undefined;
}
