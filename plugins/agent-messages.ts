import { type AgentMessage, type Item, textOf } from '../core/contract/canonical.ts';
import { GatewayError } from '../core/contract/errors.ts';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { inPlainWords, pendingSpawns, type Spawn, sealedIn } from '../core/kit/spawned-children.ts';

/** Where Codex puts the text that it takes for encrypted. */
const NOTHING_BUT_A_HEAD = /(^|Payload:)\s*$/;

/** Tells a model what another agent told it as a user's message; what is encrypted for another provider is refused. Tells Codex that what a model says to an agent is not encrypted. */
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
      // without this list Codex 0.169 takes what a model writes for OpenAI's cipher, and its agents get an empty task
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
    const reason = 'encrypted for another provider, and belongs to no call for an agent that is waiting in this input';
    throw new GatewayError('unsupported_value', `${param}: this agent message is ${reason}`, { param: `${param}.encrypted_content` });
  }
  exchange.warn({ param, reason: 'partly_encrypted_for_another_provider' });
  return message;
}
