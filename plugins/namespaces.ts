import type { CanonicalRequest, CustomTool, CustomToolCall, FunctionCall, FunctionTool, Item, NamedChoice, Tool } from '../core/contract/canonical.ts';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { perExchange } from '../core/kit/per-exchange.ts';
import { FreeNames, flatName, PLAIN_NAMESPACE } from '../core/kit/tool-references.ts';

interface Origin {
  name: string;
  namespace: string;
}
type Call = FunctionCall | CustomToolCall;

/**
 * Offers the tools of a namespace one by one as `namespace__name`, and restores the namespace in the model's calls.
 */
export function namespaces(): Plugin {
  const origins = perExchange(() => new Map<string, Origin>());

  return {
    name: 'namespaces',
    upstream: ['chat', 'messages'],
    request(request, exchange) {
      const flat = flattenTools(request, origins(exchange), exchange);
      const nameOf = ({ name, namespace }: Origin) => flat.get(JSON.stringify([namespace, name])) ?? flatName(name, namespace);
      request.input = request.input.map((item) => (isCall(item) && item.namespace ? flattenNamed(item, nameOf) : item));
      const { tool_choice: choice } = request;
      if (typeof choice !== 'object' || !choice) return;
      request.tool_choice = flattenNamed({ ...choice, ...(choice.tools && { tools: choice.tools.map((tool) => flattenNamed(tool, nameOf)) }) }, nameOf);
    },
    item(item, exchange) {
      if (!isCall(item)) return;
      const origin = origins(exchange).get(item.name);
      if (origin) return { ...item, ...origin };
    },
  };
}

/** Returns the new name of each tool in a namespace; a name that is taken gets a number, with a warning. */
function flattenTools(request: CanonicalRequest, origins: Map<string, Origin>, exchange: Exchange): Map<string, string> {
  const flat = new Map<string, string>();
  const names = new FreeNames((request.tools ?? []).flatMap((tool) => (tool.type !== 'namespace' && 'name' in tool ? tool.name : [])));
  const flatten = (tools: readonly Tool[], namespace: string, path: string): Tool[] =>
    tools.flatMap((inner, at): Tool | Tool[] => {
      if (inner.type === 'namespace') return flatten(inner.tools, flatName(inner.name, namespace), `${path}.tools[${at}]`);
      if (!isNamed(inner)) {
        if (namespace === PLAIN_NAMESPACE) return inner; // this namespace holds tools without one, of other types too
        exchange.warn({ param: `${path}.tools[${at}]`, reason: `${inner.type}_in_a_namespace` });
        return [];
      }
      const wanted = flatName(inner.name, namespace);
      const name = names.take(wanted);
      if (name !== wanted) exchange.warn({ param: `tools.${wanted}`, reason: 'name_used_twice' });
      flat.set(JSON.stringify([namespace, inner.name]), name);
      origins.set(name, { name: inner.name, namespace });
      return { ...inner, name };
    });
  request.tools &&= request.tools.flatMap((tool, at) => (tool.type === 'namespace' ? flatten(tool.tools, tool.name, `tools[${at}]`) : tool));
  return flat;
}

function isNamed(tool: Tool): tool is FunctionTool | CustomTool {
  return tool.type === 'function' || tool.type === 'custom';
}

function isCall(item: Item): item is Call {
  return item.type === 'function_call' || item.type === 'custom_tool_call';
}

function flattenNamed<Named extends Call | NamedChoice>(named: Named, nameOf: (origin: Origin) => string): Named {
  const { namespace, ...rest } = named;
  if (!namespace || named.name === undefined) return named;
  return { ...rest, name: nameOf({ name: named.name, namespace }) } as Named;
}
