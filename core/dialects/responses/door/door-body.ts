import { z } from 'zod';

const text = z.string();
const maybe = text.nullish();
const flag = z.boolean().nullish();
const count = z.int().nonnegative().nullish();
const object = z.record(text, z.unknown());

const TEXTS = ['input_text', 'output_text', 'summary_text', 'reasoning_text', 'text'] as const;
export const DETAILS = ['auto', 'low', 'high', 'original'] as const;
/** The types of parts that the gateway reads. */
export const PART_TYPES: ReadonlySet<string> = new Set([...TEXTS, 'refusal', 'input_image', 'input_file']);

const Part = z.discriminatedUnion('type', [
  z.object({ type: z.enum(TEXTS), text }),
  z.object({ type: z.literal('refusal'), refusal: text }),
  z.object({ type: z.literal('input_image'), image_url: maybe, file_id: maybe, detail: z.enum(DETAILS).nullish() }),
  z.object({ type: z.literal('input_file'), filename: maybe, file_data: maybe, file_url: maybe, file_id: maybe }),
]);
const content = z.union([text, z.array(Part)]);

/** Items the gateway reads; others only need a type. */
const ITEMS = {
  message: z.object({ role: z.enum(['system', 'developer', 'user', 'assistant']), content: content.nullable() }),
  function_call: z.object({ call_id: text, name: text, namespace: maybe, arguments: text }),
  function_call_output: z.object({ call_id: text, output: content }),
  custom_tool_call: z.object({ call_id: text, name: text, namespace: maybe, input: text }),
  custom_tool_call_output: z.object({ call_id: text, output: content }),
  local_shell_call: z.object({ call_id: text, action: z.object({ command: z.array(text) }) }),
  local_shell_call_output: z.object({ output: text }),
  additional_tools: z.object({ tools: z.array(z.object({ type: text })) }),
  tool_search_call: z.object({ call_id: text, arguments: object }),
  tool_search_output: z.object({ call_id: text, tools: z.array(z.object({ type: text })) }),
  agent_message: z.object({ content: z.union([text, z.array(z.object({ type: text }))]).nullish(), encrypted_content: maybe, recipient: maybe }),
  reasoning: z.object({ summary: z.array(Part), content: z.array(Part).nullish(), encrypted_content: maybe }),
  item_reference: z.object({ id: text }),
  compaction: z.object({ encrypted_content: text }),
  compaction_summary: z.object({ encrypted_content: text }),
  context_compaction: z.object({ encrypted_content: maybe }),
  compaction_trigger: z.object({ with_messages: z.boolean().optional() }),
} as const;

const Tool = z.object({ type: text });
const named = { name: text.min(1), description: maybe };
const TOOLS = {
  function: z.object({ ...named, parameters: object.nullish(), strict: flag }),
  custom: z.object({ ...named, format: z.object({ type: text, syntax: text.optional(), definition: text.optional() }).nullish() }),
  namespace: z.object({ ...named, tools: z.array(Tool) }),
  tool_search: z.object({ description: maybe, parameters: object.nullish() }),
} as const;

const Choice = z.object({
  type: text,
  name: text.optional(),
  mode: z.enum(['auto', 'required']).optional(),
  tools: z.array(z.object({ type: text })).optional(),
});

/**
 * Every field of a request that the gateway relies on or echoes. Others pass: zod only checks, its output is dropped.
 */
export const Body = z.object({
  model: text.min(1),
  input: z.union([text, z.array(z.object({}))]).nullish(),
  instructions: maybe,
  tools: z.array(Tool).nullish(),
  tool_choice: z.union([z.enum(['auto', 'none', 'required']), Choice]).nullish(),
  parallel_tool_calls: flag,
  reasoning: z.object({ effort: maybe, summary: maybe }).nullish(),
  text: z
    .looseObject({
      format: z
        .looseObject({
          type: z.enum(['text', 'json_object', 'json_schema']),
          name: text.optional(),
          schema: object.nullish(),
          strict: flag,
          description: maybe,
        })
        .nullish(),
      verbosity: maybe,
    })
    .nullish(),
  max_output_tokens: z.int().positive().nullish(),
  max_tool_calls: count,
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  include: z.array(text).nullish(),
  stream: flag,
  store: flag,
  background: flag,
  metadata: object.nullish(),
  truncation: z.enum(['auto', 'disabled']).nullish(),
  service_tier: maybe,
  safety_identifier: maybe,
  prompt_cache_key: maybe,
  previous_response_id: maybe,
});

export function itemSchema(type: string): z.ZodType | undefined {
  return Object.hasOwn(ITEMS, type) ? ITEMS[type as keyof typeof ITEMS] : undefined;
}

export function toolSchema(type: string): z.ZodType | undefined {
  return Object.hasOwn(TOOLS, type) ? TOOLS[type as keyof typeof TOOLS] : undefined;
}
