import { z } from 'zod';
import type { ChatMessage } from '../core/contract/chat-wire.ts';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { messagesOf } from '../core/kit/body-lists.ts';
import { Pattern, parseOptions } from '../core/kit/options.ts';
import { textContent } from '../core/kit/text-content.ts';

const Options = z.strictObject({
  /** Models that accept only one system message, as a regular expression; all by default. */
  models: Pattern.default(''),
});

/**
 * Joins the system and developer messages at the beginning into one, for chat templates that accept no second. Later
 * ones stay where they are: see `late-system`.
 */
export function mergeSystem(options: z.input<typeof Options> = {}): Plugin {
  const models = new RegExp(parseOptions('merge-system', Options, options).models);

  return {
    name: 'merge-system',
    wire: {
      chat: {
        request(body, exchange) {
          if (models.test(body.model) && messagesOf(body).some(isSystem)) body.messages = merge(messagesOf(body), exchange);
        },
      },
    },
  };
}

function merge(messages: ChatMessage[], exchange: Exchange): ChatMessage[] {
  const begins = messages.findIndex((message) => !isSystem(message));
  const leading = messages.slice(0, begins < 0 ? messages.length : begins);
  if (leading.length === 0 || (leading.length === 1 && leading[0]?.role === 'system')) return messages;
  const texts = leading.map((message) => textContent(message) ?? withoutImages(message, exchange)).filter((text) => text.trim() !== '');
  return [...(texts.length > 0 ? [{ role: 'system' as const, content: texts.join('\n\n') }] : []), ...messages.slice(leading.length)];
}

function isSystem({ role }: ChatMessage): boolean {
  return role === 'system' || role === 'developer';
}

function withoutImages({ content, ...message }: ChatMessage, exchange: Exchange): string {
  exchange.warn({ param: 'messages', reason: 'only_text_in_a_system_message' });
  const parts = Array.isArray(content) ? content.filter((part) => part?.type === 'text') : [];
  return textContent({ ...message, content: parts }) ?? '';
}
