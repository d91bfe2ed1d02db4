import { z } from 'zod';
import type { ChatMessage } from '../core/contract/chat-wire.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { callsOf, messagesOf } from '../core/kit/body-lists.ts';
import { Pattern, parseOptions } from '../core/kit/options.ts';

const Options = z.strictObject({
  /** Models that need it, as a regular expression; all by default. */
  models: Pattern.default(''),
  /** The content for a turn that only calls tools; it may be an empty string. */
  filler: z.string().optional(),
  /** Drops turns with neither content nor calls. */
  drop: z.boolean().default(false),
});

/** Adds content to assistant turns that have none, for providers that refuse such turns, or drops the empty ones. */
export function nonemptyAssistant(options: z.input<typeof Options> = {}): Plugin {
  const { models, filler, drop } = parseOptions('nonempty-assistant', Options, options);
  const meant = new RegExp(models);

  return {
    name: 'nonempty-assistant',
    wire: {
      chat: {
        request(body) {
          if (!meant.test(body.model) || !messagesOf(body).some(saysNothing)) return;
          if (drop) body.messages = messagesOf(body).filter((message) => !saysNothing(message) || callsTools(message));
          if (filler === undefined) return;
          for (const message of messagesOf(body)) if (saysNothing(message) && (callsTools(message) || !drop)) message.content = filler;
        },
      },
    },
  };
}

function saysNothing({ role, content }: ChatMessage): boolean {
  return role === 'assistant' && (content == null || content.length === 0);
}

function callsTools(message: ChatMessage): boolean {
  return callsOf(message).length > 0;
}
