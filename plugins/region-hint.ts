import { z } from 'zod';
import type { Plugin } from '../core/contract/plugin.ts';
import { parseOptions } from '../core/kit/options.ts';

const Options = z.strictObject({
  /** The region that is asked. */
  region: z.string().min(1).default('default'),
  /** The other ones. */
  others: z.array(z.string().min(1)).default([]),
});

/** Names the other regions where a provider refuses its key, for providers whose keys are good in one region only. */
export function regionHint(options: z.input<typeof Options> = {}): Plugin {
  const { region, others } = parseOptions('region-hint', Options, options);
  const instead = others.map((other) => `"${other}"`).join(' or ');

  return {
    name: 'region-hint',
    error(error) {
      if (error.code !== 'upstream_authentication' || others.length === 0) return;
      return error.with({
        message: `${error.message}; its keys hold for one region, and this is region "${region}": set region ${instead} if yours is from there`,
      });
    },
  };
}
