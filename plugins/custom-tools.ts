import type { CanonicalRequest, CustomTool, CustomToolCall, FunctionTool, Item } from '../core/contract/canonical.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { heldCalls, onlyText } from '../core/kit/held-calls.ts';
import { perExchange } from '../core/kit/per-exchange.ts';

const PARAMETERS = { type: 'object', properties: { input: { type: 'string' } }, required: ['input'], additionalProperties: false };

/**
 * Offers a free-form tool as a function with one string argument and its grammar in the description, and turns the
 * model's calls back into the kind that the client expects.
 */
export function customTools(): Plugin {
  const lowered = perExchange(() => new Set<string>());

  return {
    name: 'custom-tools',
    upstream: ['chat', 'messages'],
    request(request, exchange) {
      request.tools &&= request.tools.map((tool) => {
        if (tool.type !== 'custom') return tool;
        lowered(exchange).add(tool.name);
        return lowerTool(tool);
      });
      request.input = request.input.map(lowerItem);
      lowerChoice(request);
    },
    event: heldCalls({
      isOurs: (call, exchange) => lowered(exchange).has(call.name),
      raise: ({ arguments: json, ...call }): CustomToolCall => ({ ...call, type: 'custom_tool_call', input: json === '' ? '' : onlyText(json) }),
      deltas: (key, item) => (item.type === 'custom_tool_call' ? [{ type: 'item.delta', key, channel: 'input', delta: item.input }] : []),
    }),
  };
}

function lowerTool({ name, description, format }: CustomTool): FunctionTool {
  const grammar = format?.type === 'grammar' ? `The "input" string must follow this ${format.syntax} grammar:\n${format.definition}` : '';
  const text = [description, grammar].filter(Boolean).join('\n\n');
  return { type: 'function', name, ...(text && { description: text }), parameters: PARAMETERS };
}

function lowerItem(item: Item): Item {
  switch (item.type) {
    case 'custom_tool_call': {
      const { input, ...call } = item;
      return { ...call, type: 'function_call', arguments: JSON.stringify({ input }) };
    }
    case 'custom_tool_call_output':
      return { ...item, type: 'function_call_output' };
    default:
      return item;
  }
}

function lowerChoice({ tool_choice: choice }: CanonicalRequest): void {
  if (typeof choice !== 'object' || !choice) return;
  for (const named of [choice, ...(choice.tools ?? [])]) if (named.type === 'custom') named.type = 'function';
}
