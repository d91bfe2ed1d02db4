import { z } from 'zod';
import type { ChatRequest } from '../core/contract/chat-wire.ts';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { Pattern, parseOptions } from '../core/kit/options.ts';

const SCALE = ['minimal', 'low', 'medium', 'high', 'xhigh', 'max'];
const Fields = z.record(z.string(), z.unknown());
const Model = z.strictObject({
  models: Pattern.default(''),
  /** Weakest first; without any the model only has a switch. */
  efforts: z.array(z.string().min(1)).default([]),
  /** What a word stands for, where that is not the weakest which is not weaker; `none` stops the thinking. */
  as: z.record(z.string(), z.string()).default({}),
  /** Fields of the body that make it think. */
  on: Fields.default({}),
  /** Fields that stop it; a model without them always thinks. */
  off: Fields.optional(),
  /** The field that takes the tokens it may think for, by effort. */
  budget: z.strictObject({ field: z.string().min(1), tokens: z.record(z.string(), z.int().positive()) }).optional(),
  /** Thinks unless told not to: the fields are sent where nothing is asked, too. */
  byDefault: z.boolean().default(false),
  /** Never thinks, and takes no word about it. */
  never: z.boolean().default(false),
  /** Thinks in a stream only: an answer in one piece is had without. */
  streamOnly: z.boolean().default(false),
});
type Model = z.output<typeof Model>;

const Options = z.strictObject({
  /** The first whose `models`, a regular expression, fits; others are left as they are. Each tells the words it takes (`efforts`, `as`), the fields that turn its thinking `on` and `off`, a `budget` by effort, whether it thinks `byDefault`, `never`, or in a stream only (`streamOnly`). */
  switches: z.array(Model).default([]),
});

/** Spells the reasoning effort as the provider does: a word that the model takes, a switch, a number of tokens. What a client says in the provider's own fields is kept. */
export function reasoningSwitch(options: z.input<typeof Options> = {}): Plugin {
  const switches = parseOptions('reasoning-switch', Options, options).switches.map((model) => ({ model, models: new RegExp(model.models) }));

  return {
    name: 'reasoning-switch',
    wire: {
      chat: {
        request(body, exchange) {
          const found = switches.find(({ models }) => models.test(body.model))?.model;
          const asked: unknown = body.reasoning_effort ?? undefined;
          // what is no word the provider itself refuses
          if (found && (asked === undefined || typeof asked === 'string')) turn(body, found, asked, exchange);
        },
      },
    },
  };
}

function turn(body: ChatRequest, model: Model, asked: string | undefined, exchange: Exchange): void {
  const { on, off, as, efforts, budget, byDefault, never, streamOnly } = model;
  const warn = (reason: string) => exchange.warn({ param: 'reasoning.effort', reason });
  delete body.reasoning_effort;
  if (never) return asked === undefined || asked === 'none' ? undefined : warn('the_model_does_not_think');
  const word = asked !== undefined && Object.hasOwn(as, asked) ? as[asked] : asked;
  const whole = streamOnly && body.stream !== true;
  const own = [...Object.keys(on), ...Object.keys(off ?? {})].some((field) => Object.hasOwn(body, field));
  if (off && (whole || word === 'none')) {
    if (!own) Object.assign(body, structuredClone(off));
    if (whole && word !== undefined && word !== 'none') warn('the_model_thinks_in_a_stream_only');
    return;
  }
  if (!own && (byDefault || word !== undefined)) Object.assign(body, structuredClone(on));
  if (word === undefined) return;
  if (word === 'none') warn('the_model_always_thinks');
  const wanted = word === 'none' ? 'minimal' : word;
  if (!SCALE.includes(wanted) && wanted !== 'ultra' && !efforts.includes(wanted)) return warn(`unknown_${asked}`);
  const effort = nearest(wanted, efforts);
  const tokens = budget?.tokens[nearest(wanted, Object.keys(budget.tokens)) ?? ''];
  if (effort) body.reasoning_effort = effort;
  if (budget && tokens && !Object.hasOwn(body, budget.field)) body[budget.field] = tokens;
}

/** The word itself, or the weakest that is not weaker, else the strongest. */
function nearest(word: string, efforts: readonly string[]): string | undefined {
  if (efforts.includes(word)) return word;
  const wanted = SCALE.indexOf(word === 'ultra' ? 'max' : word);
  return efforts.find((effort) => SCALE.indexOf(effort) >= wanted) ?? efforts.at(-1);
}
