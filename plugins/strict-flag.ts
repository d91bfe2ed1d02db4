import { z } from 'zod';
import type { Plugin } from '../core/contract/plugin.ts';
import { toolsOf } from '../core/kit/body-lists.ts';
import { Pattern, parseOptions } from '../core/kit/options.ts';

const Options = z.strictObject({
  /** Models whose tools accept no such flag, as a regular expression; all by default. */
  models: Pattern.default(''),
});

/** Drops the flag `strict` from each tool, for providers that refuse it. */
export function strictFlag(options: z.input<typeof Options> = {}): Plugin {
  const models = new RegExp(parseOptions('strict-flag', Options, options).models);

  return {
    name: 'strict-flag',
    wire: {
      chat: {
        request(body, exchange) {
          if (!models.test(body.model)) return;
          let binding = false;
          for (const tool of toolsOf(body)) {
            if (!Object.hasOwn(tool.function, 'strict')) continue;
            binding ||= tool.function.strict === true;
            delete tool.function.strict;
          }
          if (binding) exchange.warn({ param: 'tools.strict', reason: 'schemas_are_not_binding_at_the_provider' });
        },
      },
    },
  };
}
