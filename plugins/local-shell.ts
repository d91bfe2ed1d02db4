import type { CanonicalRequest, FunctionTool, Item, LocalShellAction } from '../core/contract/canonical.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { heldCalls, parseArguments } from '../core/kit/held-calls.ts';
import { perExchange } from '../core/kit/per-exchange.ts';
import { freeName } from '../core/kit/tool-references.ts';

const PARAMETERS = {
  type: 'object',
  properties: {
    command: { type: 'array', items: { type: 'string' }, description: 'The program and its arguments.' },
    working_directory: { type: 'string', description: 'Where to run it.' },
    timeout_ms: { type: 'number', description: 'When to give up, in milliseconds.' },
    env: { type: 'object', additionalProperties: { type: 'string' }, description: 'Variables to set for it.' },
  },
  required: ['command'],
};
const DESCRIPTION = "Runs a command on the user's machine and returns its output.";
const NAME = 'local_shell';

/**
 * Offers the client's built-in shell tool as a function, and turns the model's calls back into the client's own kind.
 */
export function localShell(): Plugin {
  const lowered = perExchange(() => ({ name: '' }));

  return {
    name: 'local-shell',
    upstream: ['chat', 'messages'],
    request(request, exchange) {
      const name = freeName(NAME, new Set((request.tools ?? []).map((tool) => ('name' in tool ? tool.name : ''))));
      if (request.tools?.some(({ type }) => type === 'local_shell')) lowered(exchange).name = name;
      request.tools &&= request.tools.map((tool) => (tool.type === 'local_shell' ? lowerTool(name) : tool));
      request.input = request.input.map((item) => lowerItem(item, name));
      lowerChoice(request, name);
    },
    event: heldCalls({
      isOurs: (call, exchange) => lowered(exchange).name === call.name,
      raise: ({ arguments: json, call_id, id, status }) => {
        const action: LocalShellAction = json === '' ? { type: 'exec', command: [] } : actionOf(json);
        return { type: 'local_shell_call', call_id, action, ...(id && { id }), ...(status && { status }) };
      },
    }),
  };
}

function lowerTool(name: string): FunctionTool {
  return { type: 'function', name, description: DESCRIPTION, parameters: PARAMETERS };
}

function lowerItem(item: Item, name: string): Item {
  switch (item.type) {
    case 'local_shell_call': {
      const { command, working_directory, timeout_ms, env } = item.action;
      const given = Object.fromEntries(Object.entries({ command, working_directory, timeout_ms, env }).filter(([, value]) => value != null));
      return { type: 'function_call', call_id: item.call_id, name, arguments: JSON.stringify(given) };
    }
    case 'local_shell_call_output':
      return { type: 'function_call_output', call_id: item.call_id ?? item.id ?? '', output: item.output };
    default:
      return item;
  }
}

function lowerChoice({ tool_choice: choice }: CanonicalRequest, name: string): void {
  if (typeof choice !== 'object' || !choice) return;
  for (const named of [choice, ...(choice.tools ?? [])]) if (named.type === 'local_shell') Object.assign(named, { type: 'function', name });
}

/**
 * Models also send the command as one string. Unreadable arguments must never run: an `echo` puts the reason into the
 * output, where the model reads it.
 */
function actionOf(json: string): LocalShellAction {
  const given = parseArguments(json);
  const { command } = given;
  const oneString = typeof command === 'string' ? ['bash', '-lc', command] : ['echo', `the arguments of local_shell are not readable: ${json}`];
  const words = Array.isArray(command) ? command.map(String) : oneString;
  return {
    type: 'exec',
    command: words,
    env: isRecord(given['env']) ? Object.fromEntries(Object.entries(given['env']).map(([name, value]) => [name, String(value)])) : {},
    ...(typeof given['timeout_ms'] === 'number' && { timeout_ms: given['timeout_ms'] }),
    ...(typeof given['working_directory'] === 'string' && { working_directory: given['working_directory'] }),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
