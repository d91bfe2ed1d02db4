import { z } from 'zod';
import type { Plugin } from '../core/contract/plugin.ts';
import { parseOptions } from '../core/kit/options.ts';

const Options = z.strictObject({
  /** The region that the gateway uses. */
  region: z.string().min(1).default('default'),
  /** The provider's other regions. */
  others: z.array(z.string().min(1)).default([]),
});

/**
 * Adds the names of the other regions to the error of a refused key, for providers whose keys are valid in one region
 * only.
 */
export function regionHint(options: z.input<typeof Options> = {}): Plugin {
  const { region, others } = parseOptions('region-hint', Options, options);
  const instead = others.map((other) => `"${other}"`).join(' or ');

  return {
    name: 'region-hint',
    error(error) {
      if (error.code !== 'upstream_authentication' || others.length === 0) return;
      return error.with({
        message: `${error.message.replace(/\.$/, '')}; a key is valid in one region only, and this gateway uses region "${region}": set region ${instead} if yours is from there`,
      });
    },
  };
}
