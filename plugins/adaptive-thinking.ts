import { z } from 'zod';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import type { MessagesRequest } from '../core/kit/messages-wire.ts';
import { Pattern, parseOptions } from '../core/kit/options.ts';
import { perExchange } from '../core/kit/per-exchange.ts';

const SCALE = ['minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

const Model = z.strictObject({
  /** Models that this entry is for, as a regular expression; all by default. */
  models: Pattern.default(''),
  /** The values of `output_config.effort` that the model accepts, weakest first. */
  efforts: z.array(z.string()).min(1),
  /** The model cannot stop thinking: a request not to think gets the lowest effort, with a warning. */
  always: z.boolean().default(false),
});

const Options = z.strictObject({
  /**
   * One entry per group of models; the first whose `models` match applies. Models without an entry get a token budget.
   */
  adaptive: z.array(Model).default([]),
});

/** Asks for adaptive thinking with an effort in place of a token budget, which newer models refuse. */
export function adaptiveThinking(options: z.input<typeof Options> = {}): Plugin {
  const table = parseOptions('adaptive-thinking', Options, options).adaptive.map(({ models, ...model }) => ({ models: new RegExp(models), ...model }));
  const asked = perExchange(() => ({ effort: undefined as string | undefined }));

  return {
    name: 'adaptive-thinking',
    upstream: 'messages',
    lane: 'translated',
    request({ reasoning }, exchange) {
      asked(exchange).effort = reasoning?.effort ?? undefined;
    },
    wire: {
      messages: {
        request(body, exchange) {
          const model = table.find(({ models }) => models.test(exchange.model));
          if (!model) return;
          const { effort } = asked(exchange);
          if (body['thinking'] && effort) adapt(body as MessagesRequest, effort, model, exchange);
        },
      },
    },
  };
}

function adapt(body: MessagesRequest, asked: string, { efforts, always }: Omit<z.output<typeof Model>, 'models'>, exchange: Exchange): void {
  if (asked === 'none' && !always) return;
  // adaptive thinking may go on where earlier turns lack their thinking blocks: only a budget requires them
  if (asked !== 'none') body.thinking = { type: 'adaptive', display: 'summarized' };
  else {
    delete body.thinking;
    exchange.warn({ param: 'reasoning.effort', reason: 'the_model_always_thinks' });
  }
  const wanted = SCALE.indexOf(asked === 'ultra' ? 'max' : asked);
  const effort = efforts.find((each) => SCALE.indexOf(each) >= wanted) ?? efforts.at(-1);
  body.output_config = { ...body.output_config, ...(effort && { effort }) };
}
