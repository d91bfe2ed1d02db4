import { z } from 'zod';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { parseOptions } from '../core/kit/options.ts';

const FIELDS = ['max_tokens', 'max_completion_tokens'] as const;
const Limit = z.union([z.int().positive(), z.literal('model')]);

const Options = z.strictObject({
  /** The one the provider knows. */
  field: z.enum(FIELDS).default('max_tokens'),
  /** The most that is asked for; `model` is what the preset knows of the model. */
  cap: Limit.optional(),
  /** Sent where the client sets no limit; `model` is what the preset knows of the model. */
  always: Limit.optional(),
});

/** Spells the limit of an answer as the provider does, keeps it within the model's own, and sends one where it must not be missing. */
export function maxTokens(options: z.input<typeof Options> = {}): Plugin {
  const { field, cap, always } = parseOptions('max-tokens', Options, options);

  return {
    name: 'max-tokens',
    wire: {
      chat: {
        request(body, exchange) {
          const told: unknown[] = FIELDS.map((each) => body[each]).filter((limit) => limit != null);
          for (const each of FIELDS) delete body[each];
          const limits = told.filter((limit) => typeof limit === 'number');
          // what is no number the provider itself refuses
          const asked = limits.length > 0 ? Math.min(...limits) : (told[0] ?? limitOf(always, exchange));
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

/** Undefined where nothing is known of the model. */
function limitOf(limit: number | 'model' | undefined, { preset, model }: Exchange): number | undefined {
  return limit === 'model' ? preset.models.find(({ id }) => id === model)?.maxOutput : limit;
}
