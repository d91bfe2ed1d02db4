import type { CanonicalRequest, CustomTool, CustomToolCall, FunctionCall, FunctionTool, Item } from '../core/canonical.ts';
import { perExchange } from '../core/exchange.ts';
import type { Plugin } from '../core/plugin.ts';

const PARAMETERS = { type: 'object', properties: { input: { type: 'string' } }, required: ['input'], additionalProperties: false };

/** Offers a free-form tool as a function of one string, tells the model its grammar, and gives the client the call it expects. */
export function customTools(): Plugin {
  const lowered = perExchange(() => ({ names: new Set<string>(), open: new Set<number>() }));

  return {
    name: 'custom-tools',
    upstream: 'chat',
    request(request, exchange) {
      request.tools &&= request.tools.map((tool) => {
        if (tool.type !== 'custom') return tool;
        lowered(exchange).names.add(tool.name);
        return lowerTool(tool);
      });
      request.input = request.input.map(lowerItem);
      lowerChoice(request);
    },
    event(event, exchange) {
      const { names, open } = lowered(exchange);
      if (names.size === 0) return;
      switch (event.type) {
        case 'item.added':
          if (event.item.type !== 'function_call' || !names.has(event.item.name)) return;
          open.add(event.key);
          return { ...event, item: raise(event.item, '') };
        case 'item.delta': // the input is a JSON string inside JSON: held back until it is whole
          return open.has(event.key) ? [] : undefined;
        case 'item.done': {
          if (event.item.type !== 'function_call' || !open.has(event.key)) return;
          const input = inputOf(event.item.arguments);
          return [
            { type: 'item.delta', key: event.key, channel: 'input', delta: input },
            { ...event, item: raise(event.item, input) },
          ];
        }
      }
    },
  };
}

function lowerTool({ name, description, format }: CustomTool): FunctionTool {
  const grammar = format?.type === 'grammar' ? `The "input" string must follow this ${format.syntax} grammar:\n${format.definition}` : '';
  const told = [description, grammar].filter(Boolean).join('\n\n');
  return { type: 'function', name, ...(told && { description: told }), parameters: PARAMETERS };
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

function raise({ arguments: _, ...call }: FunctionCall, input: string): CustomToolCall {
  return { ...call, type: 'custom_tool_call', input };
}

/** Models also use another name for the one string, send the bare text, or fence it. */
function inputOf(json: string): string {
  const input = unwrap(json);
  const [, fenced] = /^\s*```[\w-]*\n([\s\S]*?)\n?```\s*$/.exec(input) ?? [];
  return fenced === undefined || /^```/m.test(fenced) ? input : fenced;
}

function unwrap(json: string): string {
  let told: unknown;
  try {
    told = JSON.parse(json);
  } catch {
    return json;
  }
  if (typeof told === 'string') return told;
  if (typeof told !== 'object' || told === null) return json;
  const { input } = told as { input?: unknown };
  if (typeof input === 'string') return input;
  const [only, ...others] = Object.values(told);
  if (only === undefined) return '';
  return typeof only === 'string' && others.length === 0 ? only : json;
}
