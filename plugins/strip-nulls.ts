import { z } from 'zod';
import type { Plugin } from '../core/contract/plugin.ts';
import { messagesOf } from '../core/kit/body-lists.ts';
import { parseOptions } from '../core/kit/options.ts';

const Options = z.strictObject({
  /** The roles whose messages lose their null fields. */
  roles: z.array(z.enum(['system', 'developer', 'user', 'assistant', 'tool'])).default(['assistant']),
  /** The fields that may be null. */
  keep: z.array(z.string().min(1)).default([]),
});

/** Drops null fields from messages, for providers that do not read null as missing. */
export function stripNulls(options: z.input<typeof Options> = {}): Plugin {
  const { roles, keep } = parseOptions('strip-nulls', Options, options);
  const meant = new Set<string>(roles);
  const kept = new Set(keep);

  return {
    name: 'strip-nulls',
    wire: {
      chat: {
        request(body) {
          for (const message of messagesOf(body)) {
            if (!meant.has(message.role)) continue;
            const fields: Record<string, unknown> = { ...message };
            for (const name of Object.keys(fields)) if (fields[name] === null && !kept.has(name)) Reflect.deleteProperty(message, name);
          }
        },
      },
    },
  };
}
