import type { CanonicalRequest, CustomTool, FunctionTool, NamedChoice, OtherTool, Tool } from '../../../contract/canonical.ts';
import { GatewayError } from '../../../contract/errors.ts';
import { checkBody } from '../../check-body.ts';
import { markOrigin } from '../../origin.ts';
import { NAMES } from './client-names.ts';
import { type ChatBody, type DoorFunction, type DoorTool, toolSchema } from './door-body.ts';

type Choice = Exclude<ChatBody['tool_choice'], string | null | undefined>;
type Search = NonNullable<ChatBody['web_search_options']>;

/** Decodes tools and the choice of them into the flat canonical form. Throws for an invalid tool, naming the field. */
export function decodeTools(body: ChatBody): Pick<CanonicalRequest, 'tools' | 'tool_choice' | 'parallel_tool_calls'> {
  const tools: Tool[] = (body.tools ?? []).map((tool, at) => {
    const schema = toolSchema(tool.type);
    const path = `tools[${at}]`;
    if (!schema) return markOrigin(tool as OtherTool, path);
    checkBody(schema, tool, path);
    return markOrigin(decodeTool(tool as DoorTool), path, NAMES.tool[tool.type as DoorTool['type']]);
  });
  for (const [at, legacy] of (body.functions ?? []).entries()) tools.push(markOrigin(decodeFunction(legacy), `functions[${at}]`, NAMES.tool.legacy));
  if (body.web_search_options) tools.push(markOrigin(decodeSearch(body.web_search_options), 'web_search_options'));
  if (tools.length === 0) return {};
  const choice = decodeChoice(body, tools);
  return { tools, ...(choice && { tool_choice: choice }), ...(body.parallel_tool_calls != null && { parallel_tool_calls: body.parallel_tool_calls }) };
}

function decodeTool(tool: DoorTool): FunctionTool | CustomTool {
  if (tool.type === 'function') return decodeFunction(tool.function);
  const { name, description, format } = tool.custom;
  const flat = format?.type === 'grammar' ? { type: format.type, ...format.grammar } : format;
  return { type: 'custom', name, ...(description != null && { description }), ...(flat && { format: flat }) };
}

/** Sets `strict`: functions of Chat are strict only if they say so, those of Responses unless they say no. */
function decodeFunction({ name, description, parameters, strict }: DoorFunction): FunctionTool {
  return { type: 'function', name, ...(description != null && { description }), ...(parameters && { parameters }), strict: strict ?? false };
}

function decodeSearch({ search_context_size: size, user_location: location }: Search): OtherTool {
  const place = location && { type: location.type, ...location.approximate };
  return { type: 'web_search', ...(size && { search_context_size: size }), ...(place && { user_location: place }) } as OtherTool;
}

function decodeChoice({ tool_choice: choice, function_call: legacy }: ChatBody, tools: readonly Tool[]): CanonicalRequest['tool_choice'] {
  if (typeof choice === 'string') return choice;
  if (typeof legacy === 'string' && !choice) return legacy;
  const names = new Set(tools.map((tool) => ('name' in tool ? nameOf(tool.type, tool.name) : '')));
  if (choice) return namedChoice(choice, names);
  return legacy && typeof legacy !== 'string' ? offered({ type: 'function', name: legacy.name }, names, 'function_call') : undefined;
}

function namedChoice(choice: Choice, names: ReadonlySet<string>): NamedChoice {
  if (choice.type === 'function') return offered({ type: 'function', name: choice.function.name }, names, 'tool_choice');
  if (choice.type === 'custom') return offered({ type: 'custom', name: choice.custom.name }, names, 'tool_choice');
  const { mode, tools: allowed } = choice.allowed_tools;
  return {
    type: choice.type,
    mode,
    tools: allowed.map(({ type, function: named, custom = named }) => (custom ? offered({ type, name: custom.name }, names, 'tool_choice') : { type })),
  };
}

function offered(choice: NamedChoice, names: ReadonlySet<string>, param: string): NamedChoice {
  if (names.has(nameOf(choice.type, choice.name))) return choice;
  throw new GatewayError('invalid_request', `${param}: "${choice.name}" is not among the ${choice.type} tools`, { param });
}

function nameOf(type: string, name = ''): string {
  return JSON.stringify([type, name]);
}
