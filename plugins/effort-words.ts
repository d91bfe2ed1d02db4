import { z } from 'zod';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { Pattern, parseOptions } from '../core/kit/options.ts';

/** From weakest to strongest; `default` is a provider's word for a switch that is on. */
const SCALE = ['none', 'minimal', 'low', 'medium', 'default', 'high', 'xhigh', 'max'];

const Dial = z.strictObject({
  /** Models that this entry is for, as a regular expression; all by default. */
  models: Pattern.default(''),
  /** The words that the model accepts, weakest first; empty for a model without an effort setting. */
  efforts: z.array(z.string().refine((word) => SCALE.includes(word), `expected one of ${SCALE.join(', ')}`)),
});

const Options = z.strictObject({
  /**
   * One entry per group of models; the first whose `models` match applies. Other models get the word that the client
   * sent.
   */
  dials: z.array(Dial).default([]),
  /** `false` drops the client's wish for a summary of the reasoning, for providers that refuse the field. */
  summary: z.boolean().default(true),
});

/**
 * Replaces the reasoning effort with the nearest word that the model accepts and that is not weaker, and drops it for
 * a model without an effort setting.
 */
export function effortWords(options: z.input<typeof Options> = {}): Plugin {
  const { dials: given, summary } = parseOptions('effort-words', Options, options);
  const dials = given.map(({ models, efforts }) => ({ models: new RegExp(models), efforts }));
  const spell = (holder: Record<string, unknown>, field: string, exchange: Exchange): void => {
    const dial = dials.find(({ models }) => models.test(exchange.model));
    const asked = holder[field];
    if (!dial || typeof asked !== 'string') return;
    const word = wordFor(asked, dial.efforts, exchange);
    if (word === undefined) delete holder[field];
    else holder[field] = word;
  };

  return {
    name: 'effort-words',
    wire: {
      chat: { request: (body, exchange) => spell(body, 'reasoning_effort', exchange) },
      responses: {
        request(body, exchange) {
          const { reasoning } = body;
          if (typeof reasoning !== 'object' || reasoning === null) return;
          spell(reasoning as Record<string, unknown>, 'effort', exchange);
          if (!summary) delete (reasoning as Record<string, unknown>)['summary'];
          if (Object.keys(reasoning).length === 0) delete body['reasoning'];
        },
      },
    },
  };
}

function wordFor(asked: string, efforts: readonly string[], exchange: Exchange): string | undefined {
  const warn = (reason: string) => exchange.warn({ param: 'reasoning.effort', reason });
  if (efforts.length === 0) return void warn('the_model_has_no_dial');
  const wanted = SCALE.indexOf(asked === 'ultra' ? 'max' : asked);
  if (wanted < 0) return void warn(`unknown_${asked}`);
  if (asked === 'none' && !efforts.includes('none')) warn('the_model_always_thinks');
  return efforts.find((effort) => SCALE.indexOf(effort) >= wanted) ?? efforts.at(-1);
}
