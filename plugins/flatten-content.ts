import { z } from 'zod';
import type { Plugin } from '../core/contract/plugin.ts';
import { messagesOf } from '../core/kit/body-lists.ts';
import { Pattern, parseOptions } from '../core/kit/options.ts';
import { textContent } from '../core/kit/text-content.ts';

const Options = z.strictObject({
  /** A regular expression: the models that take no lists of text; all by default. */
  models: Pattern.default(''),
  /** Whose messages; everybody's by default. */
  roles: z.array(z.enum(['system', 'developer', 'user', 'assistant', 'tool'])).default(['system', 'developer', 'user', 'assistant', 'tool']),
});

/** Sends a list of texts as one text; a list that an image or a file belongs to stays a list. */
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
