import { z } from 'zod';
import type { ChatMessage } from '../core/contract/chat-wire.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { callsOf, messagesOf } from '../core/kit/body-lists.ts';
import { Pattern, parseOptions } from '../core/kit/options.ts';

const Options = z.strictObject({
  /** A regular expression: the models that need it; all by default. */
  models: Pattern.default(''),
  /** What a turn that only calls tools says; it may be an empty text. */
  filler: z.string().optional(),
  /** Leaves out turns that neither say nor call anything. */
  drop: z.boolean().default(false),
});

/** Gives each turn of the assistant something to say, for providers that refuse a turn without, or leaves an empty one out. */
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
