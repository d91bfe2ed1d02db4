import { z } from 'zod';
import type { Plugin } from '../core/contract/plugin.ts';
import { messagesOf } from '../core/kit/body-lists.ts';
import { parseOptions } from '../core/kit/options.ts';

const Options = z.strictObject({
  /** The roles whose messages keep their name. */
  keep: z.array(z.enum(['system', 'developer', 'user', 'assistant', 'tool'])).default([]),
});

/** Drops the `name` of messages, for providers that refuse it. */
export function stripNames(options: z.input<typeof Options> = {}): Plugin {
  const keep = new Set<string>(parseOptions('strip-names', Options, options).keep);

  return {
    name: 'strip-names',
    wire: {
      chat: {
        request(body, exchange) {
          const named = messagesOf(body).filter((message) => Object.hasOwn(message, 'name') && !keep.has(message.role));
          if (named.some(({ name }) => name)) exchange.warn({ param: 'messages.name', reason: 'refused_by_the_provider' });
          for (const message of named) delete message.name;
        },
      },
    },
  };
}
