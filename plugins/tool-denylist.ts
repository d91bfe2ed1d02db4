import { z } from 'zod';
import type { Tool } from '../core/contract/canonical.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { parseOptions } from '../core/kit/options.ts';
import { perExchange } from '../core/kit/per-exchange.ts';
import { flatName } from '../core/kit/tool-references.ts';

const Options = z.strictObject({
  /**
   * The client's name of a tool, or `<namespace>__<name>`, or `<namespace>-<name>`; the name of a namespace denies all
   * its tools.
   */
  names: z.array(z.string().min(1)).default([]),
});

/**
 * Hides tools from the model. A call to a hidden tool reaches the client under a name that no tool has, so that the
 * model learns that there is none.
 */
export function toolDenylist(options: z.input<typeof Options> = {}): Plugin {
  const denied = new Set(parseOptions('tool-denylist', Options, options).names);
  const used = perExchange(() => ({ any: false }));
  const isDenied = (name: string, namespace?: string) =>
    denied.has(name) || (namespace !== undefined && (denied.has(namespace) || denied.has(`${namespace}__${name}`) || denied.has(`${namespace}-${name}`)));

  return {
    name: 'tool-denylist',
    guard: true,
    before: 'namespaces',
    upstream: 'chat',
    request(request, exchange) {
      const keep = (tools: readonly Tool[], namespace?: string): Tool[] =>
        tools.flatMap((tool): Tool[] => {
          if (!('name' in tool) && denied.has(tool.type)) return [];
          if ('name' in tool && isDenied(tool.name, namespace)) return [];
          return [tool.type === 'namespace' ? { ...tool, tools: keep(tool.tools, flatName(tool.name, namespace)) } : tool];
        });
      request.tools &&= keep(request.tools);
      used(exchange).any = denied.size > 0;
    },
    item(item, exchange) {
      if (!used(exchange).any || (item.type !== 'function_call' && item.type !== 'custom_tool_call') || !isDenied(item.name, item.namespace)) return;
      const { namespace: _, ...call } = item;
      exchange.log.warn({ tool: item.name }, 'tool-denylist: the model called a tool that it was not offered');
      return { ...call, name: `${item.name}_is_denied` };
    },
  };
}
