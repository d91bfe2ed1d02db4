import type { CanonicalRequest, FunctionCall, NamedChoice, Tool } from './canonical.ts';

/** Everything in a request that names a function: definitions, calls in the history, and the choice. */
export function functionReferences({ tools, input, tool_choice: choice }: CanonicalRequest): { name?: string }[] {
  const choices: NamedChoice[] = typeof choice === 'object' && choice ? [choice, ...(choice.tools ?? [])] : [];
  const isFunction = ({ type }: { type: string }) => type === 'function';
  const calls = input.filter((item): item is FunctionCall => item.type === 'function_call');
  return [...((tools ?? []).filter(isFunction) as { name: string }[]), ...choices.filter(isFunction), ...calls];
}

/** The name, or the first of `name_2`, `name_3` … that is free. */
export function freeName(name: string, taken: { has(name: string): boolean }): string {
  let free = name;
  for (let count = 2; taken.has(free); count++) free = `${name}_${count}`;
  return free;
}

/** What tools are called, in namespaces too; those without a name by their type. */
export function toolNamesOf(tools: readonly Tool[] | null | undefined): string[] {
  return (tools ?? []).flatMap((tool) => {
    if (tool.type === 'namespace') return toolNamesOf(tool.tools).map((name) => `${tool.name}__${name}`);
    return 'name' in tool ? tool.name : tool.type;
  });
}
