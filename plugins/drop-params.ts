import { z } from 'zod';
import { parseOptions } from '../core/options.ts';
import type { Plugin } from '../core/plugin.ts';

const Options = z.strictObject({
  /** Top-level fields of the body that the provider refuses. */
  params: z.array(z.string().min(1)).default([]),
});

/** Leaves out what a provider refuses to be sent. */
export function dropParams(options: z.input<typeof Options> = {}): Plugin {
  const { params } = parseOptions('drop-params', Options, options);

  return {
    name: 'drop-params',
    wire: {
      chat: {
        request(body, exchange) {
          for (const param of params) {
            if (!Object.hasOwn(body, param)) continue;
            // what is on by default is not lost
            if (body[param] !== true) exchange.warn({ param, reason: 'refused_by_the_provider' });
            delete body[param];
          }
        },
      },
    },
  };
}
