import { type AgentMessage, type Item, textOf } from '../core/contract/canonical.ts';
import { GatewayError } from '../core/contract/errors.ts';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { inPlainWords, pendingSpawns, type Spawn, sealedIn } from '../core/kit/spawned-children.ts';

/** Matches a message with only its head in plain text: Codex sends the part that it considers encrypted separately. */
const NOTHING_BUT_A_HEAD = /(^|Payload:)\s*$/;

/**
 * Passes a message from another agent to the model as a user message, and refuses one that is encrypted for another
 * provider. Marks the model's own calls to agents as not encrypted, so that Codex reads them as plain text.
 */
export function agentMessages(): Plugin {
  return {
    name: 'agent-messages',
    upstream: ['chat', 'messages'],
    request(request, exchange) {
      const pending = request.input.some(({ type }) => type === 'agent_message') ? pendingSpawns(request.input) : [];
      request.input = request.input.map((item, at): Item => {
        if (item.type !== 'agent_message') return item;
        return { type: 'message', role: 'user', content: textOf(open(item, at, pending, exchange).content) };
      });
    },
    item(item) {
      // without this list Codex 0.169 takes the model's arguments for OpenAI's cipher, and its agents get an empty
      // task
      if (item.type === 'function_call' && item.namespace === 'collaboration') return { ...item, encrypted_function_args: [] };
    },
  };
}

function open(message: AgentMessage, at: number, pending: readonly Spawn[], exchange: Exchange): AgentMessage {
  if (sealedIn(message).length === 0) return message;
  const opened = inPlainWords(message, pending);
  if (opened) return opened;
  const param = `input[${at}]`;
  if (NOTHING_BUT_A_HEAD.test(textOf(message.content))) {
    const reason = 'encrypted for another provider, and matches no pending call to an agent in this input';
    throw new GatewayError('unsupported_value', `${param}: this agent message is ${reason}`, { param: `${param}.encrypted_content` });
  }
  exchange.warn({ param, reason: 'partly_encrypted_for_another_provider' });
  return message;
}
