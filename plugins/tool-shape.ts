import type { FunctionTool, NamedChoice } from '../core/contract/canonical.ts';
import type { ChatRequest, ChatTool } from '../core/contract/chat-wire.ts';
import { GatewayError } from '../core/contract/errors.ts';
import type { Plugin } from '../core/contract/plugin.ts';

/**
 * Writes functions and the choice of one in the nested form of Chat, and fills in fields that Responses may leave out.
 */
export function toolShape(): Plugin {
  return {
    name: 'tool-shape',
    lane: 'translated',
    wire: {
      chat: {
        request(body) {
          if (!body.tools) return;
          body.tools = body.tools.map((tool) => ('function' in tool ? tool : nest(tool)));
          if (typeof body.tool_choice === 'object' && body.tool_choice) nestChoice(body, body.tool_choice as NamedChoice, body.tools as ChatTool[]);
        },
      },
    },
  };
}

function nest({ name, description, parameters, strict }: FunctionTool): ChatTool {
  return {
    type: 'function',
    function: { name, ...(description != null && { description }), parameters: asObject(parameters), ...(strict != null && { strict }) },
  };
}

/** Providers refuse parameters whose schema is not an object. */
function asObject(parameters: FunctionTool['parameters']): object {
  if (parameters == null || Object.keys(parameters).length === 0) return { type: 'object', properties: {} };
  const { $schema: _, ...schema } = parameters;
  return 'type' in schema || 'anyOf' in schema || '$ref' in schema ? schema : { type: 'object', ...schema };
}

/** A choice of several tools becomes the list of tools itself, because few providers know that form. */
function nestChoice(body: ChatRequest, { type, name, mode, tools = [] }: NamedChoice, offered: ChatTool[]): void {
  if (type === 'function') {
    if (!offered.some((tool) => tool.function.name === name)) {
      throw new GatewayError('invalid_request', `tool_choice: "${name}" is not one of the tools`, { param: 'tool_choice' });
    }
    body.tool_choice = { type, function: { name } };
  }
  if (type !== 'allowed_tools') return;
  const allowed = new Set(tools.map((tool) => tool.name));
  body.tools = offered.filter((tool) => allowed.has(tool.function.name));
  body.tool_choice = mode ?? 'auto';
  if (body.tools.length > 0) return;
  delete body.tools;
  delete body.tool_choice;
  delete body.parallel_tool_calls;
}
