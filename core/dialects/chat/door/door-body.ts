import { z } from 'zod';

const text = z.string();
const maybe = text.nullish();
const flag = z.boolean().nullish();
const count = z.int().positive().nullish();
const object = z.record(text, z.unknown());
const MOST_STOPS = 16;

const typed = z.object({ type: text });
const content = z.union([text, z.array(typed)]);
const image = z.union([text, z.object({ url: text, detail: z.unknown().optional() })]);

/** Content parts the gateway reads; others only need a type. */
const PARTS = {
  text: z.object({ text }),
  input_text: z.object({ text }),
  output_text: z.object({ text }),
  refusal: z.object({ refusal: text }),
  image_url: z.object({ image_url: image, detail: z.unknown().optional() }),
  input_image: z.object({ image_url: image.nullish(), file_id: maybe, detail: z.unknown().optional() }),
  file: z.object({ file: z.object({ filename: maybe, file_data: maybe, file_id: maybe }) }),
  input_file: z.object({ filename: maybe, file_data: maybe, file_url: maybe, file_id: maybe }),
} as const;

const called = z.object({ name: text.min(1), arguments: text });
const Call = z.union([
  z.object({ id: text, type: z.literal('custom'), custom: z.object({ name: text.min(1), input: text }) }),
  z.object({ id: text, type: z.literal('function').nullish(), function: called }),
]);
const Thought = z.looseObject({ type: maybe, text: maybe, summary: maybe, data: maybe });

const plain = z.object({ content });
const MESSAGES = {
  system: plain,
  developer: plain,
  user: plain,
  assistant: z.object({
    content: content.nullish(),
    refusal: maybe,
    reasoning_content: maybe,
    reasoning: maybe,
    reasoning_details: z.array(Thought).nullish(),
    tool_calls: z.array(z.looseObject({})).nullish(),
    function_call: called.nullish(),
  }),
  tool: z.object({ content: content.nullable(), tool_call_id: text }),
  function: z.object({ content: content.nullable(), name: text }),
} as const;

const named = { name: text.min(1), description: maybe };
const FunctionTool = z.object({ ...named, parameters: object.nullish(), strict: flag });
const Grammar = z.object({ syntax: text, definition: text });
const Format = z.union([z.object({ type: z.literal('grammar'), grammar: Grammar }), z.object({ type: z.literal('text') })]);
const TOOLS = {
  function: z.object({ function: FunctionTool }),
  custom: z.object({ custom: z.object({ ...named, format: Format.nullish() }) }),
} as const;

const only = z.object({ name: text.min(1) });
const Named = z.object({ type: text, function: only.optional(), custom: only.optional() });
const Choice = z.union([
  z.object({ type: z.literal('function'), function: only }),
  z.object({ type: z.literal('custom'), custom: only }),
  z.object({ type: z.literal('allowed_tools'), allowed_tools: z.object({ mode: z.enum(['auto', 'required']), tools: z.array(Named) }) }),
]);

const Place = z.object({ country: maybe, region: maybe, city: maybe, timezone: maybe });
const Search = z.object({
  search_context_size: z.enum(['low', 'medium', 'high']).nullish(),
  user_location: z.object({ type: z.literal('approximate'), approximate: Place }).nullish(),
});

/** Every field of a Chat request that the gateway reads. Others pass: zod only checks, its output is dropped. */
export const Body = z.object({
  model: text.min(1),
  messages: z.array(z.object({ role: z.enum(['system', 'developer', 'user', 'assistant', 'tool', 'function']) })),
  stream: flag,
  stream_options: z.object({ include_usage: flag }).nullish(),
  max_tokens: count,
  max_completion_tokens: count,
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: count,
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  logit_bias: z.record(text, z.number()).nullish(),
  seed: z.int().nullish(),
  n: count,
  stop: z.union([text, z.array(text).max(MOST_STOPS)]).nullish(),
  logprobs: flag,
  top_logprobs: z.int().min(0).max(20).nullish(),
  response_format: z
    .looseObject({
      type: z.enum(['text', 'json_object', 'json_schema']),
      json_schema: z.looseObject({ name: text.min(1).nullish(), description: maybe, schema: object.nullish(), strict: flag }).nullish(),
    })
    .nullish(),
  reasoning_effort: maybe,
  model_reasoning_effort: maybe,
  reasoning: z.looseObject({ effort: maybe, summary: maybe }).nullish(),
  verbosity: maybe,
  text_verbosity: maybe,
  model_verbosity: maybe,
  text: z.looseObject({ verbosity: maybe }).nullish(),
  tools: z.array(typed).nullish(),
  functions: z.array(FunctionTool).nullish(),
  tool_choice: z.union([z.enum(['auto', 'none', 'required']), Choice]).nullish(),
  function_call: z.union([z.enum(['auto', 'none']), only]).nullish(),
  parallel_tool_calls: flag,
  web_search_options: Search.nullish(),
  modalities: z.array(text).nullish(),
  audio: z.object({}).nullish(),
  metadata: object.nullish(),
  user: maybe,
  safety_identifier: maybe,
  prompt_cache_key: maybe,
  service_tier: maybe,
  store: flag,
  prediction: z.object({}).nullish(),
});

export type ChatBody = z.infer<typeof Body>;
export type DoorMessage = { [Role in keyof typeof MESSAGES]: { role: Role } & z.infer<(typeof MESSAGES)[Role]> }[keyof typeof MESSAGES];
export type AssistantMessage = Extract<DoorMessage, { role: 'assistant' }>;
export type DoorPart = { [Type in keyof typeof PARTS]: { type: Type } & z.infer<(typeof PARTS)[Type]> }[keyof typeof PARTS];
export type DoorCall = z.infer<typeof Call>;
export type DoorTool = { [Type in keyof typeof TOOLS]: { type: Type } & z.infer<(typeof TOOLS)[Type]> }[keyof typeof TOOLS];
export type DoorFunction = z.infer<typeof FunctionTool>;
export type DoorThought = z.infer<typeof Thought>;

export function messageSchema(role: DoorMessage['role']): z.ZodType {
  return MESSAGES[role];
}

export function partSchema(type: string): z.ZodType | undefined {
  return Object.hasOwn(PARTS, type) ? PARTS[type as keyof typeof PARTS] : undefined;
}

export function callSchema({ type }: { type?: unknown }): z.ZodType {
  return Call.options[type === 'custom' ? 0 : 1];
}

export function toolSchema(type: string): z.ZodType | undefined {
  return Object.hasOwn(TOOLS, type) ? TOOLS[type as keyof typeof TOOLS] : undefined;
}
