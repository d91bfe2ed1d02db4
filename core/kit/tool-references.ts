import type { CanonicalRequest, FunctionCall, NamedChoice, Tool } from '../contract/canonical.ts';

/** Finds all parts of a request that name a function: definitions, calls in the history, and the choice. */
export function functionReferences({ tools, input, tool_choice: choice }: CanonicalRequest): { name?: string }[] {
  const choices: NamedChoice[] = typeof choice === 'object' && choice ? [choice, ...(choice.tools ?? [])] : [];
  const isFunction = ({ type }: { type: string }) => type === 'function';
  const calls = input.filter((item): item is FunctionCall => item.type === 'function_call');
  return [...((tools ?? []).filter(isFunction) as { name: string }[]), ...choices.filter(isFunction), ...calls];
}

/** Returns the name, or the first of `name_2`, `name_3` … that is free. */
export function freeName(name: string, taken: { has(name: string): boolean }): string {
  let free = name;
  for (let count = 2; taken.has(free); count++) free = `${name}_${count}`;
  return free;
}

/** Hands out names, each once: many that want the same one would otherwise try all the taken ones again. */
export class FreeNames {
  readonly #taken: Set<string>;
  /** The number to try next behind a name. */
  readonly #next = new Map<string, number>();

  constructor(taken: Iterable<string>) {
    this.#taken = new Set(taken);
  }

  /** Returns the name, or the first of `name_2`, `name_3` … that is free, and takes it. */
  take(name: string): string {
    let free = name;
    let count = this.#next.get(name) ?? 2;
    for (; this.#taken.has(free); count++) free = `${name}_${count}`;
    if (free !== name) this.#next.set(name, count);
    this.#taken.add(free);
    return free;
  }
}

/** The namespace that some models give to tools without one. */
export const PLAIN_NAMESPACE = 'functions';

/** Returns the name of a namespace's tool for a dialect without namespaces. */
export function flatName(name: string, namespace: string | undefined): string {
  return namespace === undefined || namespace === PLAIN_NAMESPACE ? name : `${namespace}__${name}`;
}

/** Lists the flat names of tools. A tool without a name is listed by its type. */
export function toolNamesOf(tools: readonly Tool[] | null | undefined, namespace?: string): string[] {
  return (tools ?? []).flatMap((tool) => {
    if (tool.type === 'namespace') return toolNamesOf(tool.tools, flatName(tool.name, namespace));
    return 'name' in tool ? flatName(tool.name, namespace) : tool.type;
  });
}
