import { z } from 'zod';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { Pattern, parseOptions } from '../core/kit/options.ts';

/** From weakest to strongest; `default` is a provider's word for a switch that is on. */
const SCALE = ['none', 'minimal', 'low', 'medium', 'default', 'high', 'xhigh', 'max'];

const Dial = z.strictObject({
  models: Pattern.default(''),
  /** Weakest first; none where the model has no dial. */
  efforts: z.array(z.string().refine((word) => SCALE.includes(word), `expected words of ${SCALE.join(', ')}`)),
});

const Options = z.strictObject({
  /** The first whose `models`, a regular expression, fits, tells the words that they take: `efforts`, weakest first, or none. Other models get the word that was asked for. */
  dials: z.array(Dial).default([]),
  /** `false`: the provider takes no word on whether it tells a summary. */
  summary: z.boolean().default(true),
});

/** Puts the effort that was asked for in the words a model takes: the nearest that is not weaker, or none where it has no dial. */
export function effortWords(options: z.input<typeof Options> = {}): Plugin {
  const { dials: told, summary } = parseOptions('effort-words', Options, options);
  const dials = told.map(({ models, efforts }) => ({ models: new RegExp(models), efforts }));
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
