import { z } from 'zod';
import { checkBody } from '../../check-body.ts';

const text = z.string();
const maybe = text.nullish();
const flag = z.boolean().nullish();
const object = z.record(text, z.unknown());
const typed = z.object({ type: text });
const content = z.union([text, z.array(typed)]);
const OutputConfig = z.object({ effort: maybe, format: z.object({ type: z.literal('json_schema'), schema: object }).nullish() });

const Source = {
  base64: z.object({ type: z.literal('base64'), media_type: text, data: text }),
  url: z.object({ type: z.literal('url'), url: text.min(1) }),
  file: z.object({ type: z.literal('file'), file_id: text }),
  text: z.object({ type: z.literal('text'), data: text }),
  content: z.object({ type: z.literal('content'), content }),
};

/** Blocks the gateway reads; others only need a type. */
const BLOCKS = {
  text: z.object({ text }),
  image: z.object({ source: z.discriminatedUnion('type', [Source.base64, Source.url, Source.file]) }),
  document: z.object({
    source: z.discriminatedUnion('type', [Source.base64, Source.url, Source.file, Source.text, Source.content]),
    title: maybe,
    context: maybe,
    citations: z.object({ enabled: flag }).nullish(),
  }),
  search_result: z.object({ title: text, source: text, content: z.array(z.object({ type: z.literal('text'), text })) }),
  thinking: z.object({ thinking: text, signature: maybe }),
  redacted_thinking: z.object({ data: text }),
  tool_use: z.object({ id: text.min(1), name: text.min(1), input: object }),
  tool_result: z.object({ tool_use_id: text.min(1), content: content.nullish(), is_error: flag }),
  tool_reference: z.object({ tool_name: text }),
  tool_addition: z.object({ tool: object }),
  tool_removal: z.object({ tool: object }),
  server_tool_use: z.object({ name: text, input: z.unknown() }),
  mcp_tool_use: z.object({ id: text.min(1), name: text.min(1), input: object }),
  mcp_tool_result: z.object({ tool_use_id: text.min(1), content: content.nullish(), is_error: flag }),
  compaction: z.object({ content: maybe }),
} as const;

const TOOL = { name: text.min(1), description: maybe, strict: flag, defer_loading: flag };
/** A tool of the client's own; for any other the gateway reads only type and name. */
const CustomTool = z.object({ ...TOOL, input_schema: object });
const TypedTool = z.object({ type: text.min(1), name: text.min(1) });

const Choice = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['auto', 'any', 'none']), disable_parallel_tool_use: flag }),
  z.object({ type: z.literal('tool'), name: text, disable_parallel_tool_use: flag }),
]);

const Message = z.object({
  role: z.enum(['user', 'assistant', 'system']),
  content: content.nullish(),
  output_config: OutputConfig.nullish(),
  clear_at: maybe,
});

/** Every field of a request that the gateway relies on. Others pass: zod only checks, its output is dropped. */
export const DoorBody = z.object({
  model: text.min(1),
  messages: z.array(Message).min(1),
  system: z.union([text, z.array(z.object({ type: z.literal('text'), text }))]).nullish(),
  max_tokens: z.int().positive().nullish(),
  stream: flag,
  temperature: z.number().min(0).max(1).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.int().nonnegative().nullish(),
  stop_sequences: z.array(text.min(1)).nullish(),
  thinking: z
    .discriminatedUnion('type', [
      z.object({ type: z.enum(['adaptive', 'between_tools', 'disabled']), display: maybe }),
      z.object({ type: z.literal('enabled'), budget_tokens: z.int().min(1024), display: maybe }),
    ])
    .nullish(),
  output_config: OutputConfig.nullish(),
  output_format: OutputConfig.shape.format,
  tools: z.array(z.object({ type: maybe, name: maybe })).nullish(),
  tool_choice: Choice.nullish(),
  metadata: z.object({ user_id: maybe }).nullish(),
  service_tier: maybe,
  speed: maybe,
  container: z.union([text, object]).nullish(),
  mcp_servers: z.array(object).nullish(),
  cache_control: object.nullish(),
  context_management: object.nullish(),
});
export type DoorRequest = z.infer<typeof DoorBody>;
export type DoorMessage = z.infer<typeof Message>;
export type DoorTool = { type?: string | null; input_schema?: Record<string, unknown>; [other: string]: unknown } & z.infer<z.ZodObject<typeof TOOL>>;

export type KnownBlock = { [Type in keyof typeof BLOCKS]: { type: Type } & z.infer<(typeof BLOCKS)[Type]> }[keyof typeof BLOCKS];

/** Checks a block and returns it; undefined for an unknown type. Throws as `checkBody` does. */
export function readBlock(block: { type: string }, path: string): KnownBlock | undefined {
  if (!Object.hasOwn(BLOCKS, block.type)) return undefined;
  checkBody(BLOCKS[block.type as KnownBlock['type']], block, path, dotted);
  return block as KnownBlock;
}

/** Checks a tool. Throws as `checkBody` does. */
export function checkTool(tool: unknown, path: string): void {
  const { type } = (tool ?? {}) as { type?: unknown };
  checkBody(type == null || type === 'custom' ? CustomTool : TypedTool, tool, path, dotted);
}

/** Spells the path of a field as Anthropic does: `messages.0.content.1.text`. */
export function dotted(base: string, path: readonly PropertyKey[]): string {
  return [...(base ? [base] : []), ...path.map(String)].join('.');
}
