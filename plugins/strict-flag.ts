import { z } from 'zod';
import type { Plugin } from '../core/contract/plugin.ts';
import { toolsOf } from '../core/kit/body-lists.ts';
import { Pattern, parseOptions } from '../core/kit/options.ts';

const Options = z.strictObject({
  /** A regular expression: the models whose tools take no such flag; all by default. */
  models: Pattern.default(''),
});

/** Leaves out of each tool whether its schema is binding, for providers that refuse the word. */
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
