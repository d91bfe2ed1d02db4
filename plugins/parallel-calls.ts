import type { ChatMessage } from '../core/dialects/chat/wire.ts';
import type { Exchange } from '../core/exchange.ts';
import type { Plugin } from '../core/plugin.ts';

/** Gathers the calls of one turn, and what was said with them, into one assistant message, and puts each call's output right behind it. */
export function parallelCalls(): Plugin {
  return {
    name: 'parallel-calls',
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
  const used = new Set<ChatMessage>();
  const gathered: ChatMessage[] = [];
  let turn: ChatMessage | undefined;
  const close = () => {
    for (const { id } of turn?.tool_calls ?? []) {
      const output = outputs.get(id)?.shift();
      if (output) used.add(output);
      gathered.push(output ?? { role: 'tool', tool_call_id: id, content: '[no output: the call was interrupted]' });
    }
    turn = undefined;
  };
  for (const message of messages) {
    if (message.role === 'assistant') {
      if (turn) merge(turn, message);
      else {
        turn = { ...message };
        gathered.push(turn);
      }
      continue;
    }
    close();
    if (message.role !== 'tool') gathered.push(message);
    else if (!used.has(message)) gathered.push(orphan(message, exchange));
  }
  close();
  return gathered;
}

/** A call id may be used twice: the first call gets the first output. */
function outputsById(messages: readonly ChatMessage[]): Map<string, ChatMessage[]> {
  const outputs = new Map<string, ChatMessage[]>();
  for (const message of messages) {
    if (message.role !== 'tool') continue;
    const id = message.tool_call_id ?? '';
    outputs.set(id, [...(outputs.get(id) ?? []), message]);
  }
  return outputs;
}

function merge(turn: ChatMessage, { content, reasoning_content: reasoning, tool_calls: calls }: ChatMessage): void {
  if (content) turn.content = turn.content ? `${turn.content}\n${content}` : content;
  if (reasoning) turn.reasoning_content = turn.reasoning_content ? `${turn.reasoning_content}\n${reasoning}` : reasoning;
  if (calls) turn.tool_calls = [...(turn.tool_calls ?? []), ...calls];
}

/** Providers refuse an output without its call; the model can still read it. */
function orphan({ tool_call_id: id, content }: ChatMessage, exchange: Exchange): ChatMessage {
  exchange.warn({ param: 'input', reason: 'output_without_its_call' });
  return { role: 'user', content: `[output of unknown call ${id}]\n${content}` };
}
