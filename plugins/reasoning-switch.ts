import { z } from 'zod';
import type { ChatRequest } from '../core/contract/chat-wire.ts';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import type { MessagesRequest } from '../core/kit/messages-wire.ts';
import { Pattern, parseOptions } from '../core/kit/options.ts';

const SCALE = ['minimal', 'low', 'medium', 'high', 'xhigh', 'max'];
/** The limit of tokens where a request has none, which the provider itself refuses. */
const NO_LIMIT = 1_024;
const Fields = z.record(z.string(), z.unknown());
const Budget = z.strictObject({
  /** The field of the body that takes the number. */
  field: z.string().min(1),
  /** Effort → number of tokens. */
  tokens: z.record(z.string(), z.int().positive()),
});
const Model = z.strictObject({
  /** Models that this entry is for, as a regular expression; all by default. */
  models: Pattern.default(''),
  /** The words that the model accepts, weakest first; without any, the model only has a switch. */
  efforts: z.array(z.string().min(1)).default([]),
  /**
   * Client's word → provider's word, where the weakest word that is not weaker would be wrong; `none` stops the
   * thinking.
   */
  as: z.record(z.string(), z.string()).default({}),
  /** Fields of the body that turn thinking on. */
  on: Fields.default({}),
  /** Fields that turn thinking off; a model without them always thinks. */
  off: Fields.optional(),
  /** The number of tokens that the model may think, by effort. */
  budget: Budget.optional(),
  /** The model thinks by default: the fields are sent even if the client asks for nothing. */
  byDefault: z.boolean().default(false),
  /** The model never thinks, and accepts no effort. */
  never: z.boolean().default(false),
  /** The model thinks only in a stream: thinking is turned off for an answer in one piece. */
  streamOnly: z.boolean().default(false),
});
type Model = z.output<typeof Model>;

const Options = z.strictObject({
  /** One entry per group of models; the first whose `models` match applies. Other models are left as they are. */
  switches: z.array(Model).default([]),
});

/**
 * Translates the reasoning effort into the provider's own fields: a word that the model accepts, a switch, or a number
 * of tokens. The client's own values for these fields are kept. In Messages, which has its own fields for that, only what
 * the model refuses is changed.
 */
export function reasoningSwitch(options: z.input<typeof Options> = {}): Plugin {
  const switches = parseOptions('reasoning-switch', Options, options).switches.map((model) => ({ model, models: new RegExp(model.models) }));

  return {
    name: 'reasoning-switch',
    wire: {
      chat: {
        request(body, exchange) {
          const found = switches.find(({ models }) => models.test(body.model))?.model;
          const asked: unknown = body.reasoning_effort ?? undefined;
          // the provider itself refuses a value that is not a word
          if (found && (asked === undefined || typeof asked === 'string')) turn(body, found, asked, exchange);
        },
      },
      messages: {
        request(body, exchange) {
          const found = switches.find(({ models }) => models.test(String(body['model'])))?.model;
          if (found && !found.never) turnBlocks(body as MessagesRequest, found, exchange);
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

/** In Messages the switch is plain: only what the model refuses is changed. */
function turnBlocks(body: MessagesRequest, { off, efforts, as }: Model, exchange: Exchange): void {
  const { thinking, output_config: config, max_tokens: most } = body;
  if (!off && (thinking == null || thinking.type === 'disabled')) {
    if (thinking) exchange.warn({ param: 'thinking', reason: 'the_model_always_thinks' });
    // a quarter of the limit stays for the answer
    body.thinking = { type: 'enabled', budget_tokens: Math.max(1, Math.floor((most ?? NO_LIMIT) * 0.75)) };
  }
  if (typeof config?.effort !== 'string') return;
  const { effort: asked, ...others } = config;
  const word = Object.hasOwn(as, asked) ? as[asked] : asked;
  const effort = body.thinking?.type === 'disabled' ? undefined : efforts.length > 0 ? nearest(word ?? asked, efforts) : asked;
  if (effort === asked) return;
  body.output_config = { ...others, ...(effort !== undefined && { effort }) };
  if (Object.keys(body.output_config).length === 0) delete body.output_config;
}

/** Returns the word itself, or the weakest that is not weaker, else the strongest. */
function nearest(word: string, efforts: readonly string[]): string | undefined {
  if (efforts.includes(word)) return word;
  const wanted = SCALE.indexOf(word === 'ultra' ? 'max' : word);
  return efforts.find((effort) => SCALE.indexOf(effort) >= wanted) ?? efforts.at(-1);
}
