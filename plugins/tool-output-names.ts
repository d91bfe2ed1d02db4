import type { Plugin } from '../core/contract/plugin.ts';
import { callsOf, messagesOf } from '../core/kit/body-lists.ts';

/** Adds the name of the tool to each output, for providers that need more than the id of the call. */
export function toolOutputNames(): Plugin {
  return {
    name: 'tool-output-names',
    wire: {
      chat: {
        request(body) {
          const names = new Map<string, string>();
          for (const message of messagesOf(body)) {
            for (const call of callsOf(message)) names.set(call.id, call.function?.name);
            const name = message.role === 'tool' && names.get(message.tool_call_id ?? '');
            if (name && !message.name) message.name = name;
          }
        },
      },
    },
  };
}
