import { hash } from 'node:crypto';
import { type Content, type Item, textOf } from '../contract/canonical.ts';

/** A thought of a model: its words, the form that its provider sealed, or both. */
export interface Thought {
  readonly text: string;
  readonly sealed?: string | undefined;
}

/** A thought, and its index in the input. */
export interface PlacedThought extends Thought {
  readonly at: number;
}

/** Everything that a model said until somebody else spoke. */
export interface Turn {
  /** The index in the input at which the turn begins. */
  readonly at: number;
  /** A digest: equal for the same words after the same conversation. */
  readonly fingerprint: string;
  /** A digest for each call, of its id, its tool and its input. */
  readonly calls: readonly string[];
  readonly thoughts: readonly PlacedThought[];
}
interface OpenTurn {
  readonly at: number;
  text: string;
  readonly said: string[];
  readonly calls: string[];
  readonly thoughts: PlacedThought[];
}

/**
 * Reads items one by one, and gives each turn of the model a fingerprint of the conversation up to its end. Ids,
 * reasoning and system prompts do not count, because clients change or drop them. Keeps a digest, never the items.
 */
export class Conversation {
  #before = '';
  #open: OpenTurn | undefined;

  /** Returns the turn that this item ends, if somebody else speaks in it. */
  add(item: Item, at = 0): Turn | undefined {
    const call = callOf(item);
    if (call) {
      const open = this.#turn(at);
      const said = digest(...call.words);
      open.said.push(said);
      open.calls.push(digest(call.id, said));
      return undefined;
    }
    if (item.type === 'reasoning') {
      const text = textOf(item.content?.length ? item.content : item.summary);
      const sealed = item.encrypted_content || undefined;
      if (text || sealed) this.#turn(at).thoughts.push({ text, sealed, at });
      return undefined;
    }
    if (item.type === 'message' && item.role === 'assistant') {
      this.#turn(at).text += runOf(item.content);
      return undefined;
    }
    const heard = heardIn(item);
    if (!heard) return undefined;
    const turn = this.close();
    this.#before = digest(this.#before, ...heard);
    return turn;
  }

  /** Ends the open turn, and returns it if the model said something in it. */
  close(): Turn | undefined {
    const open = this.#open;
    this.#open = undefined;
    if (!open) return undefined;
    const text = open.text.trim(); // some clients store trimmed texts
    if (!text && open.calls.length === 0) return undefined;
    this.#before = digest(this.#before, 'assistant', text, ...open.said);
    return { at: open.at, fingerprint: this.#before, calls: open.calls, thoughts: open.thoughts };
  }

  #turn(at: number): OpenTurn {
    this.#open ??= { at, text: '', said: [], calls: [], thoughts: [] };
    return this.#open;
  }
}

function callOf(item: Item): { id: string; words: string[] } | undefined {
  switch (item.type) {
    case 'function_call':
      return { id: item.call_id, words: [item.name, compact(item.arguments)] };
    case 'custom_tool_call':
      return { id: item.call_id, words: [item.name, item.input] };
    case 'local_shell_call':
      return { id: item.call_id, words: item.action.command };
    case 'tool_search_call':
      return { id: item.call_id, words: [JSON.stringify(item.arguments)] };
    default:
      return undefined;
  }
}

/** Normalises spaces: some clients parse arguments and serialise them again. */
function compact(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json));
  } catch {
    return json;
  }
}

function heardIn(item: Item): string[] | undefined {
  switch (item.type) {
    case 'message':
      return item.role === 'user' ? ['user', textOf(item.content)] : undefined;
    case 'agent_message':
      return ['user', textOf(item.content)];
    case 'function_call_output':
    case 'custom_tool_call_output':
    case 'local_shell_call_output':
      return ['output', textOf(item.output)];
    default:
      return undefined;
  }
}

/** Joins texts without a separator: some clients merge several texts into one message or one part. */
function runOf(content: string | readonly Content[] | null): string {
  if (typeof content === 'string') return content;
  return (content ?? []).map((part) => textOf([part])).join('');
}

function digest(...words: readonly string[]): string {
  return hash('sha256', words.join('\0'), 'base64url');
}
