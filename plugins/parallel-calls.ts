import type { ChatCall, ChatMessage } from '../core/contract/chat-wire.ts';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';

/**
 * Gathers the calls of one turn, and the text around them, into one assistant message, and puts each call's output
 * right behind it.
 */
export function parallelCalls(): Plugin {
  return {
    name: 'parallel-calls',
    lane: 'translated',
    wire: {
      chat: {
        request(body, exchange) {
          body.messages = gather(body.messages, exchange);
        },
      },
    },
  };
}

function gather(messages: readonly ChatMessage[], exchange: Exchange): ChatMessage[] {
  const outputs = outputsById(messages);
  const waiting = callIds(messages);
  const made = new Set<string>();
  const used = new Set<ChatMessage>();
  const gathered: ChatMessage[] = [];
  let turn: ChatMessage | undefined;
  const close = () => {
    for (const { id } of turn?.tool_calls ?? []) {
      waiting.set(id, (waiting.get(id) ?? 0) - 1);
      const output = outputs.get(id)?.pop();
      if (output) used.add(output);
      gathered.push(output ?? { role: 'tool', tool_call_id: id, content: '[no output: the call was interrupted]' });
    }
    turn = undefined;
    made.clear();
  };
  for (const message of messages) {
    if (message.role === 'assistant') {
      if (!turn) {
        turn = { role: 'assistant', content: null };
        gathered.push(turn);
      }
      merge(turn, message, outputs, made);
      continue;
    }
    close();
    if (message.role !== 'tool') gathered.push(message);
    else if (!used.has(message) && !waiting.get(message.tool_call_id ?? '')) gathered.push(orphan(message, exchange));
  }
  close();
  return gathered;
}

/** Returns how many calls have each id. */
function callIds(messages: readonly ChatMessage[]): Map<string, number> {
  const ids = new Map<string, number>();
  for (const { tool_calls: calls } of messages) for (const { id } of calls ?? []) ids.set(id, (ids.get(id) ?? 0) + 1);
  return ids;
}

/** Lists the outputs of each id, the last one first. A call id may occur twice: the first call gets the first output. */
function outputsById(messages: readonly ChatMessage[]): Map<string, ChatMessage[]> {
  const outputs = new Map<string, ChatMessage[]>();
  for (const message of messages.toReversed()) {
    if (message.role !== 'tool') continue;
    const id = message.tool_call_id ?? '';
    const known = outputs.get(id);
    if (known) known.push(message);
    else outputs.set(id, [message]);
  }
  return outputs;
}

/** `made`: the calls of this turn. */
function merge(turn: ChatMessage, message: ChatMessage, outputs: ReadonlyMap<string, unknown[]>, made: Set<string>): void {
  const { content, reasoning_content: reasoning, reasoning_encrypted: sealed, tool_calls: calls } = message;
  if (content) turn.content = turn.content ? `${turn.content}\n${content}` : content;
  if (reasoning) turn.reasoning_content = turn.reasoning_content ? `${turn.reasoning_content}\n${reasoning}` : reasoning;
  if (sealed) turn.reasoning_encrypted = turn.reasoning_encrypted ? `${turn.reasoning_encrypted}\n${sealed}` : sealed;
  for (const call of calls ?? []) {
    const same = fingerprint(call);
    const sentTwice = made.has(same) && (outputs.get(call.id)?.length ?? 0) < 2;
    made.add(same);
    if (sentTwice) continue;
    if (turn.tool_calls) turn.tool_calls.push(call);
    else turn.tool_calls = [call];
  }
}

function fingerprint({ id, function: { name, arguments: json } }: ChatCall): string {
  return JSON.stringify([id, name, json]);
}

/** Providers refuse an output without its call; as a user message the model can still read it. */
function orphan({ tool_call_id: id, content }: ChatMessage, exchange: Exchange): ChatMessage {
  exchange.warn({ param: 'input', reason: 'output_without_its_call' });
  return { role: 'user', content: `[output of unknown call ${id}]\n${content}` };
}
