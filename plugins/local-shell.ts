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

/** Offers the built-in shell tool as a function, and gives the client its own kind of call back. */
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
      const told = Object.fromEntries(Object.entries({ command, working_directory, timeout_ms, env }).filter(([, value]) => value != null));
      return { type: 'function_call', call_id: item.call_id, name, arguments: JSON.stringify(told) };
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

/** Models also send one string. What cannot be read must never run: the model is told so in the output. */
function actionOf(json: string): LocalShellAction {
  const told = parseArguments(json);
  const { command } = told;
  const oneString = typeof command === 'string' ? ['bash', '-lc', command] : ['echo', `the arguments of local_shell are not readable: ${json}`];
  const words = Array.isArray(command) ? command.map(String) : oneString;
  return {
    type: 'exec',
    command: words,
    env: isRecord(told['env']) ? Object.fromEntries(Object.entries(told['env']).map(([name, value]) => [name, String(value)])) : {},
    ...(typeof told['timeout_ms'] === 'number' && { timeout_ms: told['timeout_ms'] }),
    ...(typeof told['working_directory'] === 'string' && { working_directory: told['working_directory'] }),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
