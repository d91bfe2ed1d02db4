import { type AgentMessage, type Content, type FunctionCall, type Item, textOf } from '../contract/canonical.ts';

/** What a child was started with, in a call that is not answered yet. */
export interface Spawn {
  /** Empty where it is not known in plain words. */
  readonly task: string;
  /** What the parent calls the child; empty where it gave no name. */
  readonly name: string;
}

/** Bare, or flattened: `multi_agent_v1__spawn_agent`. */
const SPAWN = /(^|__)spawn_agent$/;
const TASK = ['message', 'task', 'prompt', 'input'];
const NAME = ['task_name', 'name', 'recipient'];
/** As OpenAI encrypts. */
const CIPHER = /^gAAAA[\w-]+=*$/;

/** The calls for a child that have no output. An output answers one call only: ids may be used twice. */
export function pendingSpawns(items: readonly Item[]): Spawn[] {
  const pending: FunctionCall[] = [];
  for (const item of items) {
    if (item.type === 'function_call' && SPAWN.test(item.name)) pending.push(item);
    if (item.type !== 'function_call_output') continue;
    const answered = pending.findIndex(({ call_id: id }) => id === item.call_id);
    if (answered >= 0) pending.splice(answered, 1);
  }
  return pending.map(readSpawn);
}

/**
 * The input of a child that goes on from its parent's response: what it was told, and nothing of what the parent heard.
 * Undefined where it is the parent who goes on.
 */
export function childInput(output: readonly Item[], input: readonly Item[]): Item[] | undefined {
  const pending = pendingSpawns([...output, ...input]);
  if (!input.some((item) => pending.some((spawn) => isFor(item, spawn)))) return undefined;
  return input.map((item) => (item.type === 'agent_message' ? (inPlainWords(item, pending) ?? item) : item));
}

/**
 * The message without sealed parts; undefined where it stays unknown what one says. What has spaces in it is not
 * encrypted: a model here wrote it, and the client took it for sealed. Else the one call tells that it belongs to.
 */
export function inPlainWords(message: AgentMessage, pending: readonly Spawn[]): AgentMessage | undefined {
  const { content, encrypted_content: _, ...rest } = message;
  const calls = pending.filter((spawn) => isFor(message, spawn));
  const known = calls.length === 1 ? calls[0]?.task : undefined;
  const texts = sealedIn(message).map((sealed) => (/\s/.test(sealed.trim()) ? sealed : known));
  if (!texts.every(Boolean)) return undefined;
  const told: readonly Content[] = typeof content === 'string' ? [{ type: 'input_text', text: content }] : (content ?? []);
  const opened = texts.map((text): Content => ({ type: 'input_text', text: text ?? '' }));
  return { ...rest, content: [...told.filter((part) => !('encrypted_content' in part)), ...opened] };
}

/** What is encrypted in a message, or taken for it. */
export function sealedIn({ encrypted_content: sealed, content }: AgentMessage): string[] {
  const parts = Array.isArray(content) ? content.flatMap((part) => ('encrypted_content' in part ? String(part.encrypted_content) : [])) : [];
  return sealed ? [...parts, sealed] : parts;
}

/** Never an output: what a tool returns may quote anything. */
function isFor(item: Item, { task, name }: Spawn): boolean {
  if (item.type === 'message') return item.role === 'user' && task !== '' && textOf(item.content).trim() === task;
  if (item.type !== 'agent_message') return false;
  if (name !== '' && item.recipient?.split('/').at(-1) === name) return true;
  return task !== '' && [textOf(item.content), ...sealedIn(item)].some((text) => text.trim() === task);
}

function readSpawn({ arguments: json }: FunctionCall): Spawn {
  let given: Record<string, unknown> = {};
  try {
    given = { ...(JSON.parse(json) as object) };
  } catch {
    // what cannot be read matches nothing
  }
  const first = (fields: readonly string[]) => fields.map((field) => given[field]).find((value) => typeof value === 'string') ?? '';
  const task = String(first(TASK) || itemsOf(given['items'])).trim();
  return { task: CIPHER.test(task) ? '' : task, name: String(first(NAME)) };
}

/** In place of a message Codex takes a list of parts. */
function itemsOf(items: unknown): string {
  if (!Array.isArray(items)) return '';
  return items.map((part: { text?: unknown } | null) => (typeof part?.text === 'string' ? part.text : '')).join('\n');
}
