import { z } from 'zod';
import type { ChatMessage } from '../core/contract/chat-wire.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { callsOf, messagesOf } from '../core/kit/body-lists.ts';
import { parseOptions } from '../core/kit/options.ts';

const Options = z.strictObject({
  /** The provider's name for the reasoning of an earlier turn; `null` if it accepts none. */
  field: z.string().min(1).nullable().default(null),
  /** The assistant turns that carry it: all, or only those that call tools. */
  turns: z.enum(['all', 'calls']).default('all'),
});

/** Renames the reasoning of earlier turns to the provider's own field, or drops it where the provider accepts none. */
export function reasoningField(options: z.input<typeof Options> = {}): Plugin {
  const { field, turns } = parseOptions('reasoning-field', Options, options);
  const isMeant = (message: ChatMessage) => turns === 'all' || callsOf(message).length > 0;

  return {
    name: 'reasoning-field',
    wire: {
      chat: {
        request(body) {
          for (const message of messagesOf(body)) {
            const { reasoning_content: reasoning } = message;
            if (reasoning === undefined) continue;
            delete message.reasoning_content;
            if (field !== null && reasoning && isMeant(message)) Object.assign(message, { [field]: reasoning });
          }
        },
      },
    },
  };
}
