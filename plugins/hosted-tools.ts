import type { NamedChoice } from '../core/contract/canonical.ts';
import { GatewayError } from '../core/contract/errors.ts';
import type { Plugin } from '../core/contract/plugin.ts';

/** Tools that run at their own provider; dated versions start with the same words. */
const TOOLS = ['web_search', 'file_search', 'code_interpreter', 'image_generation', 'computer', 'mcp'];
const ITEMS = new Set([
  'web_search_call',
  'file_search_call',
  'code_interpreter_call',
  'image_generation_call',
  'computer_call',
  'computer_call_output',
  'mcp_call',
  'mcp_list_tools',
  'mcp_approval_request',
  'mcp_approval_response',
]);

/** Drops tools that only run at their own provider, and the items they left in the history, with a warning. */
export function hostedTools(): Plugin {
  return {
    name: 'hosted-tools',
    upstream: ['chat', 'messages'],
    request(request, exchange) {
      request.tools &&= request.tools.filter((tool, at) => {
        if (isHosted(tool)) exchange.warn({ param: `tools[${at}]`, reason: `${tool.type}_runs_at_its_own_provider` });
        return !isHosted(tool);
      });
      request.input = request.input.filter(({ type }, at) => {
        if (ITEMS.has(type)) exchange.warn({ param: `input[${at}]`, reason: `${type}_ran_at_another_provider` });
        return !ITEMS.has(type);
      });
      if (typeof request.tool_choice === 'object' && request.tool_choice) checkChoice(request.tool_choice);
    },
  };
}

function checkChoice(choice: NamedChoice): void {
  if (isHosted(choice)) {
    throw new GatewayError('unsupported_value', `tool_choice: "${choice.type}" is a tool that this provider does not run`, { param: 'tool_choice' });
  }
  if (choice.tools) choice.tools = choice.tools.filter((tool) => !isHosted(tool));
}

function isHosted({ type }: { type: string }): boolean {
  return TOOLS.some((hosted) => type === hosted || type.startsWith(`${hosted}_`));
}
