import type { CanonicalRequest, NamedChoice, Tool, ToolChoice } from '../../../contract/canonical.ts';
import { GatewayError } from '../../../contract/errors.ts';
import type { Exchange } from '../../../contract/exchange.ts';
import { fitsStrict } from '../../../kit/json-schema.ts';
import { missing } from '../../check-body.ts';
import { markOrigin } from '../../origin.ts';
import { NAMES } from './client-names.ts';
import { clientTool } from './client-tools.ts';
import type { Conversation } from './decode-messages.ts';
import { checkTool, type DoorRequest, type DoorTool } from './door-body.ts';

type Decoded = Pick<CanonicalRequest, 'tools' | 'tool_choice' | 'parallel_tool_calls'>;

/** Stands for the deferred tools while none is loaded. */
const PLACEHOLDER = 'DeferredToolPlaceholder';

/**
 * Decodes the tools to send: deferred ones once they are named, or at once if the search for them would run at
 * Anthropic. Throws for an invalid tool, naming the field.
 */
export function decodeTools({ tools: given, tool_choice: choice }: DoorRequest, conversation: Conversation, exchange: Exchange): Decoded {
  const all = [...(given ?? []).map((tool, at) => ({ tool: tool as unknown, path: `tools.${at}` })), ...conversation.added];
  for (const { tool, path } of all) checkTool(tool, path);
  const offered = all as { tool: DoorTool; path: string }[];
  if (choice?.type === 'tool') conversation.named.add(choice.name);
  const clientSearches = !offered.some(({ tool: { type } }) => type?.startsWith('tool_search_tool'));
  const names = new Map<string, string>();
  const tools = offered.flatMap(({ tool, path }): Tool[] => {
    if (tool.name === PLACEHOLDER || conversation.removed.has(tool.name)) return [];
    if (tool.defer_loading && clientSearches && !conversation.named.has(tool.name)) return [];
    const decoded = decodeTool(tool, path, exchange);
    if (decoded) names.set(tool.name, decoded.type);
    return decoded ? [markOrigin(decoded, path, NAMES.tool)] : [];
  });
  if (choice?.type === 'tool' && !names.has(choice.name)) throw notOffered(choice.name);
  if (tools.length === 0) return { tools: null };
  return {
    tools,
    tool_choice: decodeChoice(choice, names),
    ...(choice && 'disable_parallel_tool_use' in choice && parallel(choice.disable_parallel_tool_use)),
  };
}

function decodeTool(tool: DoorTool, path: string, exchange: Exchange): Tool | undefined {
  const { type, name, description, input_schema: schema, strict } = tool;
  if (type == null || type === 'custom') {
    if (!schema) missing(`${path}.input_schema`);
    const { $schema: _, ...parameters } = schema;
    return { type: 'function', name, ...(description != null && { description }), parameters, strict: (strict ?? false) && fitsStrict(parameters) };
  }
  const known = clientTool(type, name);
  if (known) return known;
  if (type.startsWith('web_search')) return webSearch(tool, path, exchange);
  exchange.warn({ param: path, reason: `${type}_runs_at_its_own_provider` });
  return undefined;
}

function webSearch({ allowed_domains: allowed, blocked_domains: blocked, user_location: place }: DoorTool, path: string, exchange: Exchange): Tool {
  if (Array.isArray(blocked) && blocked.length > 0) exchange.warn({ param: `${path}.blocked_domains`, reason: 'not_in_the_canonical_form' });
  const filters = Array.isArray(allowed) && allowed.length > 0 ? { filters: { allowed_domains: allowed } } : {};
  return { type: 'web_search', ...filters, ...(place != null && { user_location: place }) };
}

function decodeChoice(choice: DoorRequest['tool_choice'], names: ReadonlyMap<string, string>): ToolChoice | null {
  switch (choice?.type) {
    case 'any':
      return 'required';
    case 'tool': {
      const type = names.get(choice.name) ?? 'function';
      return (type === 'function' ? { type, name: choice.name } : { type }) satisfies NamedChoice;
    }
    default:
      return choice?.type ?? null;
  }
}

function parallel(disabled: boolean | null | undefined): Pick<Decoded, 'parallel_tool_calls'> {
  return disabled == null ? {} : { parallel_tool_calls: !disabled };
}

function notOffered(name: string): GatewayError {
  const param = 'tool_choice.name';
  return new GatewayError('invalid_request', `${param}: "${name}" is not among the tools`, { param });
}
