import { z } from 'zod';
import type { Plugin } from '../core/contract/plugin.ts';
import { messagesOf } from '../core/kit/body-lists.ts';
import { Pattern, parseOptions } from '../core/kit/options.ts';
import { textContent } from '../core/kit/text-content.ts';

const Options = z.strictObject({
  /** Models that accept no list of texts, as a regular expression; all by default. */
  models: Pattern.default(''),
  /** The roles whose messages are flattened; all by default. */
  roles: z.array(z.enum(['system', 'developer', 'user', 'assistant', 'tool'])).default(['system', 'developer', 'user', 'assistant', 'tool']),
});

/** Joins a list of texts in a message into one string. A list with an image or a file in it stays a list. */
export function flattenContent(options: z.input<typeof Options> = {}): Plugin {
  const { models, roles } = parseOptions('flatten-content', Options, options);
  const meant = new RegExp(models);
  const flat = new Set<string>(roles);

  return {
    name: 'flatten-content',
    wire: {
      chat: {
        request(body) {
          if (!meant.test(body.model)) return;
          for (const message of messagesOf(body)) {
            if (!Array.isArray(message.content) || !flat.has(message.role)) continue;
            message.content = textContent(message) ?? message.content;
          }
        },
      },
    },
  };
}
