import { refusalOf } from './zai-rules.ts';

/** A refusal, with status and body as the real provider sends them. */
export interface Refusal {
  status: number;
  body: object;
}
// biome-ignore lint/suspicious/noExplicitAny: rules look into bodies of any shape
export type Body = any;
/** The provider's own reasoning so far, by the id of the call that followed. */
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

const gemini = (message: string): Refusal => ({ status: 400, body: [{ error: { code: 400, message, status: 'INVALID_ARGUMENT' } }] });
const openrouter = (message: string): Refusal => ({
  status: 400,
  body: { error: { message: 'Provider returned error', code: 400, metadata: { raw: JSON.stringify({ error: { message } }), provider_name: 'Somebody' } } },
});
const xai = (error: string): Refusal => ({ status: 400, body: { code: 'Client specified an invalid argument', error } });
/** The signature that a scripted provider gives to a thought. */
export const signatureOf = (text: string): string => `Sig${Buffer.from(text).toString('base64')}`;
const named = (body: Body): boolean => body.messages.some(({ role, name }: Message) => name !== undefined && role !== 'tool');
const given = (body: Body, ...fields: string[]): boolean => fields.some((field) => Object.hasOwn(body, field));
const inMessages = (body: Body, field: string): boolean => body.messages.some((message: Message) => Object.hasOwn(message, field));
const longIds = (body: Body): boolean => turns(body).some((turn) => calls(turn).some(({ id }) => id.length > 40));
const signatureAt = (call: Body): string | undefined => call?.extra_content?.google?.thought_signature;
const rootChoice = (parameters: Body): boolean => Boolean(parameters?.anyOf ?? parameters?.oneOf);

const zai = (message: string): Refusal => ({ status: 400, body: { error: { code: '1210', message } } });
const cerebras = (message: string, code = 'wrong_api_format'): Refusal => ({
  status: 400,
  body: { message, type: 'invalid_request_error', param: 'validation_error', code },
});
const glm: readonly Rule[] = [
  (body, thoughts) => {
    const wrong = refusalOf(body, thoughts);
    return wrong ? zai(wrong) : undefined;
  },
];

const vllm = (message: string): Refusal => ({ status: 400, body: { error: { message, type: 'BadRequestError', param: null, code: 400 } } });
const llamacpp = (message: string): Refusal => ({ status: 400, body: { error: { code: 400, message, type: 'invalid_request_error' } } });
/** The efforts that templates know. */
const LEVELS = ['low', 'medium', 'high'];
const BOOLEAN_SCHEMA = /"properties":\{[^{}]*"[^"]+":true/;

type Message = Body;
const calls = (message: Message): Body[] => message.tool_calls ?? [];
const turns = (body: Body): Message[] => body.messages.filter(({ role }: Message) => role === 'assistant');
const isForced = ({ tool_choice: choice }: Body): boolean => choice !== undefined && choice !== 'auto' && choice !== 'none';
const isOff = ({ thinking }: Body): boolean => thinking?.type === 'disabled';
const systems = (body: Body): number[] => body.messages.flatMap(({ role }: Message, at: number) => (role === 'system' ? at : []));
const stranger = (body: Body): Message | undefined => body.messages.find(({ role }: Message) => !['system', 'user', 'assistant', 'tool'].includes(role));
const lists = (body: Body, role?: string): boolean =>
  body.messages.some((message: Message) => Array.isArray(message.content) && (!role || message.role === role));
const textLists = (body: Body): boolean =>
  body.messages.some(({ content }: Message) => Array.isArray(content) && content.every(({ type }: Body) => type === 'text'));
const schemas = (body: Body): string => JSON.stringify((body.tools ?? []).map((tool: Body) => tool.function.parameters));
/** A call that this provider made must come back with the thought before it, word for word. */
const forgets = (body: Body, thoughts: Thoughts, thought: (message: Message) => unknown): boolean =>
  turns(body).some((message) => calls(message).some(({ id }) => thoughts.has(id) && thought(message) !== thoughts.get(id)));

/** Every call has its output right behind its message, and every output has its call. */
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
const CEREBRAS_FIELDS =
  'model messages stream stream_options max_tokens max_completion_tokens temperature top_p stop seed n logprobs top_logprobs frequency_penalty presence_penalty response_format tools tool_choice parallel_tool_calls reasoning_effort reasoning_format clear_thinking user service_tier';
const CEREBRAS_MESSAGE = 'role content name tool_calls tool_call_id reasoning';
/** A null counts as left out. */
const stray = (holder: Body, known: string): string | undefined =>
  Object.keys(holder).find((name) => !known.split(' ').includes(name) && holder[name] !== null);
const NINE = /^[a-zA-Z0-9]{9}$/;
const PASSED_BACK = 'The `reasoning_content` in the thinking mode must be passed back to the API.';

/**
 * The known refusals of each provider's Chat API; the first rule that matches answers. Sources: the project's survey
 * of providers, and its captures.
 */
export const STRICT: Record<string, readonly Rule[]> = {
  deepseek: [
    when(stranger, openai(422, 'Failed to deserialize the JSON body: messages: unknown variant `developer`')),
    when((body) => !isOff(body) && turns(body).some(({ reasoning_content: thought }) => typeof thought !== 'string'), openai(400, PASSED_BACK)),
    when((body, thoughts) => !isOff(body) && forgets(body, thoughts, ({ reasoning_content: thought }) => thought), openai(400, PASSED_BACK)),
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
    when(
      (body, thoughts) => !isOff(body) && forgets(body, thoughts, ({ reasoning_content: thought }) => thought),
      kimi('reasoning_content is not what it was'),
    ),
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
      (body, thoughts) => body.preserve_thinking && forgets(body, thoughts, ({ reasoning_content: thought }) => thought),
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
  // a field that a local server ignores counts as refused here: the client would never notice the loss
  ollama: [
    when(stranger, openai(400, 'invalid role: developer')),
    when((body) => body.max_completion_tokens !== undefined, openai(400, 'max_completion_tokens is not read')),
    when((body) => body.tool_choice !== undefined && body.tool_choice !== 'auto', openai(400, 'tool_choice is not read')),
    when((body) => JSON.stringify(body.tools ?? []).includes('"strict":'), openai(400, 'strict is not read')),
    when((body) => ['parallel_tool_calls', 'logit_bias', 'n'].some((field) => Object.hasOwn(body, field)), openai(400, 'a field that is not read')),
    when(textLists, openai(400, 'each text of a list becomes a message of its own')),
    when((body) => BOOLEAN_SCHEMA.test(schemas(body)), openai(400, 'json: cannot unmarshal bool into Go struct field .tools.function.parameters.properties')),
    when((body) => /"type":\[/.test(schemas(body)), openai(400, 'json: cannot unmarshal array into Go struct field .tools.function.parameters.properties')),
    when(
      (body) => body.reasoning_effort && !['high', 'medium', 'low', 'max', 'none'].includes(body.reasoning_effort),
      openai(400, "invalid reasoning value (must be 'high', 'medium', 'low', 'max', or 'none')"),
    ),
    when((body, thoughts) => forgets(body, thoughts, ({ reasoning }) => reasoning), openai(400, 'reasoning is not what it was')),
    pairs((message) => openai(400, message)),
  ],
  vllm: [
    when(stranger, vllm('Unexpected message role.')),
    when((body) => systems(body).some((at) => at > 0), vllm('System message must be at the beginning.')),
    when((body) => BOOLEAN_SCHEMA.test(schemas(body)), vllm('Unrecognized schema: true')),
    when((body) => JSON.stringify(body.tools ?? []).includes('"strict":'), vllm('strict: Extra inputs are not permitted')),
    when((body) => Object.hasOwn(body, 'store'), vllm('store: Extra inputs are not permitted')),
    when((body) => body.chat_template_kwargs?.reasoning_effort !== undefined, vllm('reasoning_effort must not stand in chat_template_kwargs')),
    when((body) => body.reasoning_effort && !LEVELS.includes(body.reasoning_effort), vllm("reasoning_effort: Input should be 'low', 'medium' or 'high'")),
    when((body, thoughts) => forgets(body, thoughts, ({ reasoning_content: thought }) => thought), vllm('the prefix is not what it was')),
    pairs(vllm),
  ],
  lmstudio: [
    when((body) => typeof body.tool_choice === 'object', { status: 400, body: { error: "'tool_choice' must be a string" } }),
    when(stranger, { status: 400, body: { error: "'messages' array must only contain objects with a role of system, user, assistant or tool" } }),
    when((body) => systems(body).some((at) => at > 0), {
      status: 400,
      body: { error: 'Error rendering prompt with jinja template: "System message must be at the beginning."' },
    }),
    when((body) => BOOLEAN_SCHEMA.test(schemas(body)), { status: 400, body: { error: 'Failed to build a grammar: Unrecognized schema: true' } }),
    when((body) => body.max_completion_tokens !== undefined, { status: 400, body: { error: 'max_completion_tokens is not read' } }),
    when((body) => ['store', 'parallel_tool_calls'].some((field) => Object.hasOwn(body, field)), { status: 400, body: { error: 'a field that is not read' } }),
    when((body) => body.reasoning_effort && !['none', ...LEVELS].includes(body.reasoning_effort), {
      status: 400,
      body: { error: "Invalid 'reasoning_effort'" },
    }),
    when((body, thoughts) => forgets(body, thoughts, ({ reasoning_content: thought }) => thought), {
      status: 400,
      body: { error: 'the prefix is not what it was' },
    }),
    pairs((error) => ({ status: 400, body: { error } })),
  ],
  llamacpp: [
    when(stranger, llamacpp('Unexpected message role.')),
    when((body) => systems(body).some((at) => at > 0), llamacpp('System message must be at the beginning.')),
    when((body) => typeof body.tool_choice === 'object', llamacpp('tool_choice: type must be string, but is object')),
    when((body) => BOOLEAN_SCHEMA.test(schemas(body)), llamacpp('failed to parse grammar: Unrecognized schema: true')),
    when((body) => body.max_completion_tokens !== undefined, llamacpp('max_completion_tokens is not read')),
    when((body) => Object.hasOwn(body, 'store'), llamacpp('store is not read')),
    when((body) => body.reasoning_effort && !LEVELS.includes(body.reasoning_effort), llamacpp('reasoning_effort is not read by the template')),
    when((body, thoughts) => forgets(body, thoughts, ({ reasoning_content: thought }) => thought), llamacpp('the prefix is not what it was')),
    pairs(llamacpp),
  ],
  groq: [
    when(stranger, openai(400, "'messages.0' : discriminator property 'role' has invalid value")),
    when((body) => given(body, 'logprobs', 'top_logprobs', 'logit_bias', 'n', 'store'), openai(400, 'property is unsupported')),
    when(named, openai(400, "'messages.0' : property 'name' is unsupported")),
    when((body) => inMessages(body, 'reasoning_content'), openai(400, "'messages.1' : property 'reasoning_content' is unsupported")),
    when((body) => turns(body).some((turn) => Object.values(turn).includes(null)), openai(400, "'messages.1' : null is none of the values")),
    when((body) => schemas(body).includes('"$schema":'), openai(400, 'tools.0.function.parameters: $schema is not supported')),
    when((body) => given(body, 'max_tokens'), openai(400, 'max_tokens: use max_completion_tokens')),
    when((body) => body.reasoning_format && !/^qwen/.test(body.model), openai(400, 'reasoning_format is not supported with this model')),
    when(
      (body) =>
        body.reasoning_effort && !(/gpt-oss/.test(body.model) ? LEVELS : /^qwen/.test(body.model) ? ['none', 'default'] : []).includes(body.reasoning_effort),
      openai(400, 'reasoning_effort is not supported with this model'),
    ),
    when((body) => body.response_format?.type === 'json_schema' && !/gpt-oss|kimi/.test(body.model), openai(400, 'This model does not support json_schema')),
    when((body, thoughts) => forgets(body, thoughts, ({ reasoning }) => reasoning), openai(400, 'the reasoning is not what it was')),
    pairs((message) => openai(400, message)),
  ],
  xai: [
    when(stranger, xai('unknown role developer')),
    when((body) => given(body, 'logit_bias'), xai('Argument not supported: logit_bias')),
    when((body) => given(body, 'presence_penalty', 'frequency_penalty', 'stop'), xai('Argument not supported on this model: stop')),
    when(named, xai('messages: unknown field name')),
    when((body) => inMessages(body, 'reasoning_content'), xai('messages: unknown field reasoning_content')),
    when((body) => given(body, 'reasoning_effort') && /code|build/.test(body.model), xai('This model does not support reasoning_effort')),
    when((body) => body.reasoning_effort && !['none', ...LEVELS, 'xhigh'].includes(body.reasoning_effort), xai('Invalid reasoning effort')),
    when((body) => (body.tools ?? []).some((tool: Body) => 'strict' in tool.function), xai('tools: unknown field strict')),
    when((body) => (body.tools ?? []).some((tool: Body) => rootChoice(tool.function.parameters)), xai('the root of a schema must be an object')),
    pairs(xai),
  ],
  openrouter: [
    when((body) => body.reasoning?.effort === 'none' && /-pro|gpt-oss/.test(body.model), {
      status: 400,
      body: { error: { message: 'Reasoning is mandatory for this endpoint and cannot be disabled.', code: 400 } },
    }),
    when((body) => inMessages(body, 'reasoning_content'), openrouter('messages.1.reasoning_content: Extra inputs are not permitted')),
    when(
      (body, thoughts) =>
        forgets(body, thoughts, ({ reasoning_details: details }) => {
          const [detail, ...others] = details ?? [];
          return others.length === 0 && detail?.text && detail.signature === signatureOf(detail.text) ? detail.text : undefined;
        }),
      openrouter('messages.1.content.0: `thinking` blocks in the latest assistant message cannot be modified.'),
    ),
    pairs(openrouter),
  ],
  openai: [
    when((body) => given(body, 'max_tokens'), openai(400, "Unsupported parameter: 'max_tokens' is not supported with this model.")),
    when(
      (body) => given(body, 'temperature', 'top_p', 'presence_penalty', 'frequency_penalty') && !/^gpt-4/.test(body.model),
      openai(400, "Unsupported parameter: 'temperature' is not supported with this model."),
    ),
    when((body) => inMessages(body, 'reasoning_content'), openai(400, "Unknown parameter: 'messages[1].reasoning_content'.")),
    when(longIds, openai(400, "Invalid 'messages[1].tool_calls[0].id': string too long.")),
    when((body) => given(body, 'reasoning_effort') && /^gpt-4/.test(body.model), openai(400, 'Unrecognized request argument supplied: reasoning_effort')),
    when(
      (body) => body.reasoning_effort && ![...LEVELS, 'xhigh', ...(/^gpt-6/.test(body.model) ? ['none', 'max'] : [])].includes(body.reasoning_effort),
      openai(400, "Unsupported value: 'reasoning_effort'"),
    ),
    pairs((message) => openai(400, message)),
  ],
  gemini: [
    when(stranger, gemini('Invalid role: developer')),
    when((body) => given(body, 'store', 'logit_bias', 'seed'), gemini('Invalid JSON payload received. Unknown name "store": Cannot find field.')),
    when((body) => inMessages(body, 'reasoning_content'), gemini('Unknown name "reasoning_content" at \'messages[1]\': Cannot find field.')),
    when((body) => JSON.stringify(body.tools ?? []).includes('"strict":'), gemini('Unknown name "strict" at \'tools[0].function\': Cannot find field.')),
    when((body) => /"\$(schema|id|ref|defs)":|"type":\[/.test(schemas(body)), gemini('Unknown name "$ref" at \'parameters\': Cannot find field.')),
    when(
      (body) => body.reasoning_effort && !(/-pro/.test(body.model) ? ['low', 'high'] : LEVELS).includes(body.reasoning_effort),
      gemini('Thinking level is not supported for this model.'),
    ),
    when((body) => turns(body).some((turn) => calls(turn).some(({ id }) => !id)), gemini('function call without an id')),
    when(
      (body) => turns(body).some((turn) => calls(turn).length > 0 && !signatureAt(calls(turn)[0])),
      gemini('Function call is missing a thought_signature in functionCall parts.'),
    ),
    when(
      (body, thoughts) =>
        turns(body).some((turn) => calls(turn).some((call, at) => at === 0 && thoughts.has(call.id) && signatureAt(call) !== signatureOf(call.id))),
      gemini('Corrupted thought signature.'),
    ),
    pairs(gemini),
  ],
  cerebras: [
    when(stranger, cerebras("messages.0.role: unknown variant 'developer'")),
    (body) => {
      const field = stray(body, CEREBRAS_FIELDS) ?? body.messages.map((message: Message) => stray(message, CEREBRAS_MESSAGE)).find(Boolean);
      return field ? cerebras(`property '${field}' is unsupported`) : undefined;
    },
    when(
      (body) => body.reasoning_effort && ![...(/gpt-oss/.test(body.model) ? [] : ['none']), ...LEVELS].includes(body.reasoning_effort),
      cerebras('reasoning_effort: not supported'),
    ),
    when(
      (body) => new Set((body.tools ?? []).map((tool: Body) => tool.function.strict ?? false)).size > 1,
      cerebras("Tools with mixed values for 'strict' are not allowed."),
    ),
    when((body, thoughts) => forgets(body, thoughts, ({ reasoning }) => reasoning), cerebras('the reasoning is not what it was')),
    pairs(cerebras),
  ],
  // nothing is known about this one: only the rules of Chat itself
  'openai-compatible': [when(stranger, openai(400, 'unknown role developer')), pairs((message) => openai(400, message))],
};

/** Includes providers that are assumed to refuse every undocumented field, which the real ones may ignore. */
export const STRICTEST: Record<string, readonly Rule[]> = { ...STRICT, zai: glm, glm };
