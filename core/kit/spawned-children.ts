import { type AgentMessage, type Content, type FunctionCall, type Item, textOf } from '../contract/canonical.ts';
import { isCipher } from './cipher.ts';

/** The start of a child agent, from a call that has no output yet. */
export interface Spawn {
  /** Empty if the task is not known in plain words. */
  readonly task: string;
  /** The parent's name for the child; empty if it gave none. */
  readonly name: string;
}

/** Bare, or flattened: `multi_agent_v1__spawn_agent`. */
const SPAWN = /(^|__)spawn_agent$/;
const TASK = ['message', 'task', 'prompt', 'input'];
const NAME = ['task_name', 'name', 'recipient'];

/** Finds the calls for a child that have no output. An output answers one call only, as ids may be used twice. */
export function pendingSpawns(items: readonly Item[]): Spawn[] {
  const pending = new Set<FunctionCall>();
  const byId = new Map<string, { calls: FunctionCall[]; answered: number }>();
  for (const item of items) {
    if (item.type === 'function_call' && SPAWN.test(item.name)) {
      pending.add(item);
      const known = byId.get(item.call_id);
      if (known) known.calls.push(item);
      else byId.set(item.call_id, { calls: [item], answered: 0 });
    }
    const asked = item.type === 'function_call_output' ? byId.get(item.call_id) : undefined;
    const answered = asked?.calls[asked.answered++];
    if (asked && !answered) asked.answered = asked.calls.length;
    if (answered) pending.delete(answered);
  }
  return [...pending].map(readSpawn);
}

/**
 * Returns the input of a child that continues from its parent's response: the messages to the child, and nothing that
 * the parent heard. Undefined if the parent itself continues.
 */
export function childInput(output: readonly Item[], input: readonly Item[]): Item[] | undefined {
  const pending = pendingSpawns([...output, ...input]);
  if (!input.some((item) => spawnsFor(item, pending).length > 0)) return undefined;
  return input.map((item) => (item.type === 'agent_message' ? (inPlainWords(item, pending) ?? item) : item));
}

/**
 * Returns the message in plain words; undefined if the text of a sealed part stays unknown. A part that
 * is no cipher was written by a model behind the gateway, and the client took it for sealed. A cipher has the text of
 * the task, if exactly one call fits the message.
 */
export function inPlainWords(message: AgentMessage, pending: readonly Spawn[]): AgentMessage | undefined {
  const { content, encrypted_content: _, ...rest } = message;
  const calls = spawnsFor(message, pending);
  const known = calls.length === 1 ? calls[0]?.task : undefined;
  const texts = sealedIn(message).map((sealed) => (isCipher(sealed) ? known : sealed));
  if (!texts.every(Boolean)) return undefined;
  const plain: readonly Content[] = typeof content === 'string' ? [{ type: 'input_text', text: content }] : (content ?? []);
  const opened = texts.map((text): Content => ({ type: 'input_text', text: text ?? '' }));
  return { ...rest, content: [...plain.filter((part) => !('encrypted_content' in part)), ...opened] };
}

/** Returns the parts of a message that are encrypted, or taken for it. */
export function sealedIn({ encrypted_content: sealed, content }: AgentMessage): string[] {
  const parts = Array.isArray(content) ? content.flatMap((part) => ('encrypted_content' in part ? String(part.encrypted_content) : [])) : [];
  return sealed ? [...parts, sealed] : parts;
}

/**
 * Returns the children that an item is addressed to; two of them stand for any further ones. An output never is
 * addressed: a tool may return any text.
 */
function spawnsFor(item: Item, pending: readonly Spawn[]): readonly Spawn[] {
  const { byName, byTask } = indexOf(pending);
  if (item.type === 'message') return (item.role === 'user' && byTask.get(textOf(item.content).trim())) || [];
  if (item.type !== 'agent_message') return [];
  const texts = [textOf(item.content), ...sealedIn(item)];
  const found = [byName.get(item.recipient?.split('/').at(-1) ?? ''), ...texts.map((text) => byTask.get(text.trim()))];
  return [...new Set(found.flatMap((spawns) => spawns ?? []))];
}

interface Index {
  byName: Map<string, Spawn[]>;
  byTask: Map<string, Spawn[]>;
}
const INDEXES = new WeakMap<readonly Spawn[], Index>();

function indexOf(pending: readonly Spawn[]): Index {
  const known = INDEXES.get(pending);
  if (known) return known;
  const index: Index = { byName: new Map(), byTask: new Map() };
  const add = (spawns: Map<string, Spawn[]>, key: string, spawn: Spawn) => {
    const others = spawns.get(key);
    if (!others) spawns.set(key, [spawn]);
    else if (others.length < 2) others.push(spawn);
  };
  for (const spawn of pending) {
    if (spawn.name !== '') add(index.byName, spawn.name, spawn);
    if (spawn.task !== '') add(index.byTask, spawn.task, spawn);
  }
  INDEXES.set(pending, index);
  return index;
}

function readSpawn({ arguments: json }: FunctionCall): Spawn {
  let given: Record<string, unknown> = {};
  try {
    given = { ...(JSON.parse(json) as object) };
  } catch {
    // unreadable arguments match no message
  }
  const first = (fields: readonly string[]) => fields.map((field) => given[field]).find((value) => typeof value === 'string') ?? '';
  const task = String(first(TASK) || itemsOf(given['items'])).trim();
  return { task: isCipher(task) ? '' : task, name: String(first(NAME)) };
}

/** Codex also accepts a list of parts instead of a message. */
function itemsOf(items: unknown): string {
  if (!Array.isArray(items)) return '';
  return items.map((part: { text?: unknown } | null) => (typeof part?.text === 'string' ? part.text : '')).join('\n');
}
