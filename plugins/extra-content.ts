import type { ChatCall, ChatCallDelta, ChatDelta, ChatMessage } from '../core/contract/chat-wire.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { messagesOf } from '../core/kit/body-lists.ts';

type Extra = { extra_content?: unknown };
/**
 * Names its call by the id, or by the position where there is no id; with neither, it belongs to the message itself.
 */
interface Kept {
  call?: string;
  at?: number;
  extra: unknown;
}

/**
 * Keeps the `extra_content` of calls, in which a provider signs its thoughts, and sends it back with them on later
 * turns. A Chat client keeps it itself.
 */
export function extraContent(): Plugin {
  return {
    name: 'extra-content',
    upstream: 'chat',
    lane: 'translated',
    wire: {
      chat: {
        request(body) {
          for (const message of messagesOf(body)) giveBack(message);
        },
        chunk(chunk) {
          const choice = chunk.choices?.[0];
          const delta = choice?.delta ?? choice?.message;
          if (!delta || !hasExtra(delta)) return;
          const kept = [...ofCalls(delta.tool_calls ?? []), ...ofMessage(delta as Extra)];
          if (kept.length === 0) return;
          const extended = { ...delta, reasoning_encrypted: kept.map((each) => `${JSON.stringify(each)}\n`).join('') };
          return { ...chunk, choices: [{ ...choice, [choice?.delta ? 'delta' : 'message']: extended }, ...(chunk.choices ?? []).slice(1)] };
        },
      },
    },
  };
}

/** Runs for every chunk, so it must be cheap. */
function hasExtra(delta: ChatDelta): boolean {
  return (delta as Extra).extra_content !== undefined || (Array.isArray(delta.tool_calls) && delta.tool_calls.length > 0);
}

function ofCalls(calls: readonly (ChatCallDelta & Extra)[]): Kept[] {
  if (!Array.isArray(calls)) return [];
  return calls.flatMap((call, at) => {
    if (!call?.extra_content) return [];
    // its id may be another one by the time it comes back
    return [{ ...(call.id && { call: call.id }), at: call.index ?? at, extra: call.extra_content }];
  });
}

/** Beside text it mostly just marks a thought: only a signature is of use. */
function ofMessage({ extra_content: extra }: Extra): Kept[] {
  return extra && JSON.stringify(extra).includes('"thought_signature"') ? [{ extra }] : [];
}

function giveBack(message: ChatMessage & Extra): void {
  const { reasoning_encrypted: text, tool_calls: calls = [] } = message;
  if (text === undefined) return;
  delete message.reasoning_encrypted;
  const byId = new Map(calls.toReversed().map((call) => [call.id, call]));
  for (const { call, at, extra } of linesOf(text)) {
    const signed: ((ChatCall | ChatMessage) & Extra) | undefined =
      call === undefined && at === undefined ? message : ((call === undefined ? undefined : byId.get(call)) ?? calls[at ?? 0]);
    if (signed) signed.extra_content ??= extra;
  }
}

/** The client kept this text, and may have changed it. */
function linesOf(text: string): Kept[] {
  return text.split('\n').flatMap((line) => {
    try {
      const kept = JSON.parse(line) as Kept | null;
      return typeof kept?.extra === 'object' && kept.extra !== null ? [kept] : [];
    } catch {
      return [];
    }
  });
}
