/** How a provider refuses: status and body as the real one sends them. */
export interface Refusal {
  status: number;
  body: object;
}
// biome-ignore lint/suspicious/noExplicitAny: rules look into bodies of any shape
export type Body = any;
/** What the provider said itself until now: its reasoning by the id of the call that followed. */
export type Thoughts = ReadonlyMap<string, string>;
export type Rule = (body: Body, thoughts: Thoughts) => Refusal | undefined;

const openai = (status: number, message: string, type = 'invalid_request_error'): Refusal => ({
  status,
  body: { error: { message, type, param: null, code: type } },
});
const kimi = (message: string): Refusal => ({ status: 400, body: { error: { message, type: 'invalid_request_error' } } });
const qwen = (message: string): Refusal => ({
  status: 400,
  body: {
    error: { code: 'invalid_parameter_error', message: `<400> InternalError.Algo.InvalidParameter: ${message}`, param: null, type: 'invalid_request_error' },
    request_id: '1',
  },
});
const mistral = (status: number, message: unknown, code?: string): Refusal => ({
  status,
  body: { object: 'error', message, type: 'invalid_request_error', param: null, code },
});
const extra = (...loc: (string | number)[]): Refusal =>
  mistral(422, { detail: [{ type: 'extra_forbidden', loc: ['body', ...loc], msg: 'Extra inputs are not permitted' }] });

type Message = Body;
const calls = (message: Message): Body[] => message.tool_calls ?? [];
const turns = (body: Body): Message[] => body.messages.filter(({ role }: Message) => role === 'assistant');
const isForced = ({ tool_choice: choice }: Body): boolean => choice !== undefined && choice !== 'auto' && choice !== 'none';
const isOff = ({ thinking }: Body): boolean => thinking?.type === 'disabled';
const systems = (body: Body): number[] => body.messages.flatMap(({ role }: Message, at: number) => (role === 'system' ? at : []));
const stranger = (body: Body): Message | undefined => body.messages.find(({ role }: Message) => !['system', 'user', 'assistant', 'tool'].includes(role));
const lists = (body: Body, role?: string): boolean =>
  body.messages.some((message: Message) => Array.isArray(message.content) && (!role || message.role === role));
const schemas = (body: Body): string => JSON.stringify((body.tools ?? []).map((tool: Body) => tool.function.parameters));
/** A call that this provider made must come back with what it thought before, word for word. */
const forgets = (body: Body, thoughts: Thoughts, told: (message: Message) => unknown): boolean =>
  turns(body).some((message) => calls(message).some(({ id }) => thoughts.has(id) && told(message) !== thoughts.get(id)));

/** Any call has its output right behind its message, and no output is without its call. */
export const pairs =
  (refuse: (message: string) => Refusal): Rule =>
  (body) => {
    let open: string[] = [];
    for (const message of body.messages) {
      if (message.role === 'tool') {
        if (!open.includes(message.tool_call_id)) return refuse(`no call for output ${message.tool_call_id}`);
        open = open.filter((id) => id !== message.tool_call_id);
        continue;
      }
      if (open.length > 0) return refuse(`call ${open[0]} has no output`);
      open = calls(message).map(({ id }) => id);
    }
    return open.length > 0 ? refuse(`call ${open[0]} has no output`) : undefined;
  };
const when =
  (test: (body: Body, thoughts: Thoughts) => unknown, refusal: Refusal): Rule =>
  (body, thoughts) =>
    test(body, thoughts) ? refusal : undefined;

const MISTRAL_FIELDS =
  'model messages temperature top_p max_tokens stream stop random_seed response_format tools tool_choice presence_penalty frequency_penalty n prediction parallel_tool_calls prompt_mode reasoning_effort safe_prompt prompt_cache_key';
const MISTRAL_MESSAGE: Record<string, string> = {
  system: 'role content',
  user: 'role content',
  assistant: 'role content tool_calls prefix',
  tool: 'role content tool_call_id name',
};
const NINE = /^[a-zA-Z0-9]{9}$/;
const PASSED_BACK = 'The `reasoning_content` in the thinking mode must be passed back to the API.';

/** What each provider is known to refuse of a Chat request; the first rule that fits answers. Sources: the project's survey of providers, and its captures. */
export const STRICT: Record<string, readonly Rule[]> = {
  deepseek: [
    when(stranger, openai(422, 'Failed to deserialize the JSON body: messages: unknown variant `developer`')),
    when((body) => !isOff(body) && turns(body).some(({ reasoning_content: told }) => typeof told !== 'string'), openai(400, PASSED_BACK)),
    when((body, thoughts) => !isOff(body) && forgets(body, thoughts, ({ reasoning_content: told }) => told), openai(400, PASSED_BACK)),
    when((body) => !isOff(body) && body.tool_choice !== undefined, openai(400, 'The thinking mode does not support this tool_choice')),
    when((body) => turns(body).some((turn) => calls(turn).length > 0 && typeof turn.content !== 'string'), openai(400, 'messages: missing field `content`')),
    when(
      (body) => lists(body, 'tool') || (lists(body) && body.model === 'deepseek-v4-pro'),
      openai(400, 'messages: invalid type: sequence, expected a string'),
    ),
    when((body) => body.response_format?.type === 'json_schema', openai(400, 'This response_format type is unavailable now')),
    when((body) => JSON.stringify(body.tools ?? []).includes('"strict":true'), openai(400, 'strict tools need the beta endpoint')),
    when((body) => body.reasoning_effort && !['low', 'high', 'max'].includes(body.reasoning_effort), openai(400, 'reasoning_effort: unknown variant')),
    pairs((message) => openai(400, message)),
  ],
  kimi: [
    when(stranger, kimi('unsupported role developer')),
    when((body) => body.temperature !== undefined && body.temperature !== 1, kimi('invalid temperature: only 1 is allowed for this model')),
    when((body) => body.tool_choice === 'required' && /^kimi-k2\.[67]/.test(body.model), kimi('tool_choice required is not supported')),
    when((body) => isForced(body) && !isOff(body) && !/^kimi-k3/.test(body.model), kimi("tool_choice 'specified' is incompatible with thinking enabled")),
    when((body) => body.thinking && /^kimi-k3/.test(body.model), kimi('thinking is not supported by this model')),
    when(
      (body) => !isOff(body) && turns(body).some((turn) => calls(turn).length > 0 && !turn.reasoning_content),
      kimi('thinking is enabled but reasoning_content is missing in assistant tool call message'),
    ),
    when((body, thoughts) => !isOff(body) && forgets(body, thoughts, ({ reasoning_content: told }) => told), kimi('reasoning_content is not what it was')),
    when((body) => turns(body).some(({ content }) => !content), kimi("the message with role 'assistant' must not be empty")),
    when((body) => lists(body, 'tool'), kimi('the content of a tool message must be a string')),
    when(
      (body) => /"const":|"items":\[|"strict":/.test(JSON.stringify(body.tools ?? [])),
      kimi('tools.function.parameters is not a valid moonshot flavored json schema'),
    ),
    when((body) => body.max_tokens === undefined, kimi('max_tokens: what is not limited counts as written')),
    pairs(kimi),
  ],
  qwen: [
    when(stranger, qwen('developer is not one of [system, assistant, user, tool, function] - messages.role')),
    when((body) => systems(body).some((at) => at > 0), qwen('System message must be at the beginning.')),
    when((body) => isForced(body) && body.enable_thinking, qwen('The tool_choice parameter does not support being set to required or object in thinking mode')),
    when((body) => body.enable_thinking && !body.stream, qwen('parameter.enable_thinking must be set to false for non-streaming calls')),
    when((body) => body.enable_thinking && body.model.includes('coder'), qwen('the model does not support enable_thinking')),
    when((body) => body.thinking_budget && body.reasoning_effort, qwen('thinking_budget and reasoning_effort exclude each other')),
    when((body) => body.reasoning_effort && !['low', 'medium', 'high', 'xhigh'].includes(body.reasoning_effort), qwen('reasoning_effort')),
    when((body) => lists(body) && body.model.includes('coder'), qwen('messages.content: expected a string')),
    when(
      (body, thoughts) => body.preserve_thinking && forgets(body, thoughts, ({ reasoning_content: told }) => told),
      qwen('reasoning_content is not what it was'),
    ),
    pairs(qwen),
  ],
  mistral: [
    (body) => {
      const field = Object.keys(body).find((name) => !MISTRAL_FIELDS.split(' ').includes(name));
      return field ? extra(field) : undefined;
    },
    when(
      stranger,
      mistral(422, { detail: [{ type: 'literal_error', loc: ['body', 'messages', 'role'], msg: 'Input should be system, user, assistant or tool' }] }),
    ),
    (body) => {
      for (const [at, message] of body.messages.entries()) {
        const field = Object.keys(message).find((name) => !MISTRAL_MESSAGE[message.role]?.split(' ').includes(name));
        if (field) return extra('messages', at, field);
      }
      return undefined;
    },
    (body) => {
      const ids = body.messages.flatMap((message: Message) => [
        ...calls(message).map(({ id }) => id),
        ...(message.role === 'tool' ? [message.tool_call_id] : []),
      ]);
      const wrong = ids.find((id: string) => !NINE.test(id));
      return wrong === undefined ? undefined : mistral(400, `Tool call id was ${wrong} but must be a-z, A-Z, 0-9, with a length of 9.`, '3280');
    },
    when((body) => body.tools?.length === 0, extra('tools')),
    when(
      (body) => ![undefined, 'auto', 'none', 'any'].includes(body.tool_choice) && typeof body.tool_choice !== 'object',
      mistral(422, 'tool_choice: not one of auto, none, any'),
    ),
    when((body) => /"\$(id|schema|ref)":/.test(schemas(body)), mistral(400, 'Invalid tool schema')),
    when(
      (body) => turns(body).some((turn) => !turn.content?.length && calls(turn).length === 0),
      mistral(400, 'Assistant message must have either content or tool_calls, but not none.', '3240'),
    ),
    when((body) => turns(body).some(({ content }) => content === null), mistral(422, 'content: Input should be a valid string')),
    when(
      (body) => body.messages.some(({ role }: Message, at: number) => role === 'user' && body.messages[at - 1]?.role === 'tool'),
      mistral(400, "Unexpected role 'user' after role 'tool'", '3230'),
    ),
    when((body) => body.reasoning_effort && !['none', 'high'].includes(body.reasoning_effort), mistral(400, 'reasoning_effort: not one of none, high')),
    when((body) => body.reasoning_effort && !/^mistral-(medium|small)/.test(body.model), mistral(400, 'reasoning_effort is not supported by this model')),
    when((body, thoughts) => forgets(body, thoughts, ({ content }) => content?.[0]?.thinking?.[0]?.text), mistral(400, 'the thinking is not what it was')),
    pairs((message) => mistral(400, message)),
  ],
};
