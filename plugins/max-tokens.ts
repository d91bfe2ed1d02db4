import { z } from 'zod';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { parseOptions } from '../core/kit/options.ts';

const FIELDS = ['max_tokens', 'max_completion_tokens'] as const;
const Limit = z.union([z.int().positive(), z.literal('model')]);

const Options = z.strictObject({
  /** The field in which the provider takes the limit. */
  field: z.enum(FIELDS).default('max_tokens'),
  /** The highest limit that is sent; `model` stands for the model's own, from the preset. */
  cap: Limit.optional(),
  /** The limit that is sent if the client sets none; `model` stands for the model's own, from the preset. */
  always: Limit.optional(),
});

/**
 * Sends the limit of output tokens in the provider's own field, keeps it within the model's limit, and adds one where
 * the provider requires it.
 */
export function maxTokens(options: z.input<typeof Options> = {}): Plugin {
  const { field, cap, always } = parseOptions('max-tokens', Options, options);

  return {
    name: 'max-tokens',
    wire: {
      chat: {
        request(body, exchange) {
          const given: unknown[] = FIELDS.map((each) => body[each]).filter((limit) => limit != null);
          for (const each of FIELDS) delete body[each];
          const limits = given.filter((limit) => typeof limit === 'number');
          // the provider itself refuses a value that is not a number
          const asked = limits.length > 0 ? Math.min(...limits) : (given[0] ?? limitOf(always, exchange));
          const most = limitOf(cap, exchange);
          const exceeds = typeof asked === 'number' && most !== undefined && asked > most;
          if (exceeds && limits.length > 0) exchange.warn({ param: 'max_tokens', reason: `more_than_${most}` });
          const sent = exceeds ? most : asked;
          if (sent !== undefined) Object.assign(body, { [field]: sent });
        },
      },
    },
  };
}

/** Returns undefined if the preset does not know the model's limit. */
function limitOf(limit: number | 'model' | undefined, { preset, model }: Exchange): number | undefined {
  return limit === 'model' ? preset.models.find(({ id }) => id === model)?.maxOutput : limit;
}
