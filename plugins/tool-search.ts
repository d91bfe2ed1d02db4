import type { CanonicalRequest, FunctionTool, Item, NamespaceTool, Tool } from '../core/contract/canonical.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { heldCalls, onlyText, parseArguments } from '../core/kit/held-calls.ts';
import { perExchange } from '../core/kit/per-exchange.ts';
import { toolNamesOf } from '../core/kit/tool-references.ts';

const NAME = 'tool_search';
const PARAMETERS = { type: 'object', properties: { query: { type: 'string' }, limit: { type: 'number' } }, required: ['query'] };

/**
 * Offers the client's tool search as a function and, on later turns, the tools it found, which appear only in its
 * output.
 */
export function toolSearch(): Plugin {
  const lowered = perExchange(() => ({ offered: false }));

  return {
    name: 'tool-search',
    upstream: ['chat', 'messages'],
    request(request, exchange) {
      const found = request.input.flatMap((item): Tool[] => (item.type === 'tool_search_output' ? item.tools : []));
      if (request.tools || found.length > 0)
        request.tools = joined([...(request.tools ?? []), ...found]).flatMap((tool, at): Tool[] => {
          if (tool.type !== 'tool_search') return [tool];
          if (tool.execution === 'server') {
            exchange.warn({ param: `tools[${at}]`, reason: 'tool_search_runs_at_its_own_provider' });
            return [];
          }
          lowered(exchange).offered = true;
          return [{ type: 'function', name: NAME, description: tool.description ?? null, parameters: tool.parameters ?? PARAMETERS } satisfies FunctionTool];
        });
      request.input = request.input.map(lowerItem);
      lowerChoice(request);
    },
    event: heldCalls({
      isOurs: ({ name }, exchange) => lowered(exchange).offered && name === NAME,
      raise: ({ call_id, id, status, arguments: json }) => ({
        type: 'tool_search_call',
        call_id,
        execution: 'client',
        arguments: queryOf(json),
        ...(id && { id }),
        ...(status && { status }),
      }),
    }),
  };
}

/** Models also send the query as plain text. */
function queryOf(json: string): Record<string, unknown> {
  const given = parseArguments(json);
  if (Object.keys(given).length > 0 || /^(\{\s*\})?$/.test(json.trim())) return given;
  return { query: onlyText(json) };
}

/** A tool that was found twice, or is offered anyway, counts once; a namespace gains the tools that are new in it. */
function joined(tools: readonly Tool[]): Tool[] {
  const known = new Map<string | Tool, Tool[]>();
  for (const tool of tools) {
    const key = 'name' in tool ? JSON.stringify([tool.type, tool.name]) : tool;
    const others = known.get(key);
    if (!others) known.set(key, [tool]);
    else if (tool.type === 'namespace') others.push(tool);
  }
  return [...known.values()].map(([first, ...others]) =>
    first?.type === 'namespace' && others.length > 0
      ? { ...first, tools: joined([first, ...others].flatMap((each) => (each as NamespaceTool).tools)) }
      : (first as Tool),
  );
}

function lowerItem(item: Item): Item {
  switch (item.type) {
    case 'tool_search_call':
      return { type: 'function_call', call_id: item.call_id, name: NAME, arguments: JSON.stringify(item.arguments) };
    case 'tool_search_output':
      return {
        type: 'function_call_output',
        call_id: item.call_id,
        output: `Found, and offered from now on: ${toolNamesOf(item.tools).join(', ') || 'nothing'}`,
      };
    default:
      return item;
  }
}

function lowerChoice({ tool_choice: choice }: CanonicalRequest): void {
  if (typeof choice !== 'object' || !choice) return;
  for (const named of [choice, ...(choice.tools ?? [])]) if (named.type === NAME) Object.assign(named, { type: 'function', name: NAME });
}
