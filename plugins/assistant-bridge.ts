import { z } from 'zod';
import type { ChatMessage } from '../core/contract/chat-wire.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { messagesOf } from '../core/kit/body-lists.ts';
import { Pattern, parseOptions } from '../core/kit/options.ts';

const Options = z.strictObject({
  /** Models that need it, as a regular expression; all by default. */
  models: Pattern.default(''),
  /** The text of the inserted message. */
  text: z.string().min(1).default('Understood.'),
});

/**
 * Inserts an assistant message between a tool's output and the user's next message, for providers that refuse one
 * right after the other.
 */
export function assistantBridge(options: z.input<typeof Options> = {}): Plugin {
  const { models, text } = parseOptions('assistant-bridge', Options, options);
  const meant = new RegExp(models);

  return {
    name: 'assistant-bridge',
    wire: {
      chat: {
        request(body) {
          if (!meant.test(body.model) || !messagesOf(body).some(isGap)) return;
          body.messages = messagesOf(body).flatMap((message, at, all) => (isGap(message, at, all) ? [{ role: 'assistant', content: text }, message] : message));
        },
      },
    },
  };
}

function isGap({ role }: ChatMessage, at: number, messages: readonly ChatMessage[]): boolean {
  return messages[at - 1]?.role === 'tool' && role !== 'tool' && role !== 'assistant';
}
