import { type Item, textOf } from '../core/canonical.ts';
import { GatewayError } from '../core/errors.ts';
import type { Plugin } from '../core/plugin.ts';

/** Tells a model what another agent told it as a user's message; what is encrypted for another provider is refused. */
export function agentMessages(): Plugin {
  return {
    name: 'agent-messages',
    upstream: 'chat',
    request(request) {
      request.input = request.input.map((item, at): Item => {
        if (item.type !== 'agent_message') return item;
        const text = textOf(item.content);
        if (text === '' && item.encrypted_content) {
          throw new GatewayError('unsupported_value', `input[${at}]: this agent message is encrypted for another provider`, {
            param: `input[${at}].encrypted_content`,
          });
        }
        return { type: 'message', role: 'user', content: text };
      });
    },
  };
}
