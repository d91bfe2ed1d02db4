import { type AgentMessage, type Content, type FunctionCall, type Item, textOf } from './canonical.ts';

/** What a child was started with, in a call that is not answered yet. */
export interface Spawn {
  readonly task: string;
  /** What the parent calls the child; empty where it gave no name. */
  readonly name: string;
}

/** Flat, too: `multi_agent_v1__spawn_agent`. */
const SPAWN = /(^|__)spawn_agent$/;
const TASK = ['message', 'task', 'prompt', 'input'];
const NAME = ['task_name', 'name', 'recipient'];

/** The calls for a child that have no output. An output answers one call: ids may be used twice. */
export function pendingSpawns(items: readonly Item[]): Spawn[] {
  const pending: { id: string; spawn: Spawn }[] = [];
  for (const item of items) {
    if (item.type === 'function_call' && SPAWN.test(item.name)) pending.push({ id: item.call_id, spawn: readSpawn(item) });
    if (item.type !== 'function_call_output') continue;
    const answered = pending.findIndex(({ id }) => id === item.call_id);
    if (answered >= 0) pending.splice(answered, 1);
  }
  return pending.map(({ spawn }) => spawn);
}

/**
 * The input of a child that goes on from its parent's response: what it was told, and nothing of what its parent heard.
 * Undefined where nobody but the parent goes on. Codex starts a child before it answers the parent's call.
 */
export function childInput(output: readonly Item[], input: readonly Item[]): Item[] | undefined {
  const pending = pendingSpawns([...output, ...input]);
  const isTold = (item: Item) => pending.some((spawn) => isFor(item, spawn));
  if (pending.length === 0 || !input.some(isTold)) return undefined;
  return input.map((item) => (item.type === 'agent_message' ? (inPlainWords(item, pending) ?? item) : item));
}

/**
 * The message with its sealed parts in plain words, where these are known: nobody but OpenAI encrypts what a model says
 * to a child, so a text with spaces is what a model here wrote; of others, the one pending call for a child tells.
 */
export function inPlainWords(message: AgentMessage, pending: readonly Spawn[]): AgentMessage | undefined {
  const { encrypted_content: sealed, content, ...rest } = message;
  const parts = typeof content === 'string' ? [{ type: 'input_text' as const, text: content }] : (content ?? []);
  const [spawn, ...others] = pending.filter((each) => isFor(message, each));
  const task = others.length === 0 ? spawn?.task : undefined;
  const open = (text: string): Content[] | undefined => (/\s/.test(text.trim()) ? [plain(text)] : task ? [plain(task)] : undefined);
  const opened = [...parts, ...(sealed ? [{ encrypted_content: sealed }] : [])].map((part) =>
    'encrypted_content' in part ? open(String(part.encrypted_content)) : [part],
  );
  return opened.every((part) => part !== undefined) ? { ...rest, content: opened.flat() } : undefined;
}

export function isSealed({ encrypted_content: sealed, content }: AgentMessage): boolean {
  return Boolean(sealed) || (Array.isArray(content) && content.some((part) => 'encrypted_content' in part));
}

function isFor(item: Item, { task, name }: Spawn): boolean {
  if (item.type === 'message') return item.role === 'user' && task !== '' && textOf(item.content).trim() === task.trim();
  if (item.type !== 'agent_message') return false;
  if (name !== '' && item.recipient?.split('/').at(-1) === name) return true;
  return task !== '' && [textOf(item.content), ...sealedIn(item)].some((text) => text.trim() === task.trim());
}
