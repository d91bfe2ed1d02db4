import { type AgentMessage, type Item, textOf } from '../core/canonical.ts';
import { GatewayError } from '../core/errors.ts';
import type { Plugin } from '../core/plugin.ts';

/** Tells a model what another agent told it as a user's message; what is encrypted for another provider is refused. */
export function agentMessages(): Plugin {
  return {
    name: 'agent-messages',
    upstream: ['chat', 'messages'],
    request(request, exchange) {
      request.input = request.input.map((item, at): Item => {
        if (item.type !== 'agent_message') return item;
        const text = textOf(item.content);
        if (text === '' && isEncrypted(item)) {
          throw new GatewayError('unsupported_value', `input[${at}]: this agent message is encrypted for another provider`, {
            param: `input[${at}].encrypted_content`,
          });
        }
        if (isEncrypted(item)) exchange.warn({ param: `input[${at}]`, reason: 'partly_encrypted_for_another_provider' });
        return { type: 'message', role: 'user', content: text };
      });
    },
  };
}

function isEncrypted({ encrypted_content: sealed, content }: AgentMessage): boolean {
  return Boolean(sealed) || (Array.isArray(content) && content.some((part) => 'encrypted_content' in part));
}
