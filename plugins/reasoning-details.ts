import type { StreamEvent } from '../core/contract/canonical.ts';
import type { ChatMessage } from '../core/contract/chat-wire.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { messagesOf } from '../core/kit/body-lists.ts';

interface Detail {
  type?: string;
  index?: number | null;
  id?: string | null;
  text?: string | null;
  summary?: string | null;
  [other: string]: unknown;
}
/** The fields that arrive in pieces. */
const PIECES = ['text', 'summary'] as const;

/**
 * Keeps the `reasoning_details` of an answer, including signatures and sealed thoughts, and sends them back with their
 * turn. A Chat client keeps them itself.
 */
export function reasoningDetails(): Plugin {
  return {
    name: 'reasoning-details',
    upstream: 'chat',
    lane: 'translated',
    event: asOne,
    wire: {
      chat: {
        request(body) {
          for (const message of messagesOf(body)) giveBack(message);
        },
        chunk(chunk) {
          const choice = chunk.choices?.[0];
          const delta = choice?.delta ?? choice?.message;
          const details = (delta as { reasoning_details?: unknown } | undefined)?.reasoning_details;
          if (!Array.isArray(details) || details.length === 0) return;
          // one line per delta: the pieces add up to one text
          const extended = { ...delta, reasoning_encrypted: `${JSON.stringify(details)}\n` };
          return { ...chunk, choices: [{ ...choice, [choice?.delta ? 'delta' : 'message']: extended }, ...(chunk.choices ?? []).slice(1)] };
        },
      },
    },
  };
}

/** Joins details that arrived in pieces into the form of a whole answer. */
function asOne(event: StreamEvent): StreamEvent | undefined {
  if (event.type !== 'item.done' || event.item.type !== 'reasoning' || !event.item.encrypted_content) return undefined;
  const whole = JSON.stringify(linesOf(event.item.encrypted_content).reduce(join, []));
  return whole === event.item.encrypted_content ? undefined : { ...event, item: { ...event.item, encrypted_content: whole } };
}

function join(joined: Detail[], detail: Detail): Detail[] {
  const last = joined.at(-1);
  if (!last || last.type !== detail.type || last.index !== detail.index || 'data' in detail || (detail.id && last.id && detail.id !== last.id)) {
    joined.push({ ...detail });
    return joined;
  }
  const present = Object.entries(detail).filter(([, value]) => value != null); // a signature arrives last, by itself
  const before = PIECES.map((field) => [field, last[field]] as const);
  Object.assign(last, Object.fromEntries(present));
  for (const [field, text] of before) if (text != null) last[field] = text + (detail[field] ?? '');
  return joined;
}

function giveBack(message: ChatMessage): void {
  const { reasoning_encrypted: kept } = message;
  if (kept === undefined) return;
  delete message.reasoning_encrypted;
  const details = linesOf(kept);
  if (details.length > 0) Object.assign(message, { reasoning_details: details });
}

/** The client kept this text, and may have changed it. */
function linesOf(text: string): Detail[] {
  return text.split('\n').flatMap((line) => {
    try {
      const details: unknown = JSON.parse(line);
      return Array.isArray(details) ? (details as unknown[]).filter((each): each is Detail => typeof each === 'object' && each !== null) : [];
    } catch {
      return [];
    }
  });
}
