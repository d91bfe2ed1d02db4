import { z } from 'zod';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import type { MessagesRequest } from '../core/kit/messages-wire.ts';
import { Pattern, parseOptions } from '../core/kit/options.ts';
import { perExchange } from '../core/kit/per-exchange.ts';

const SCALE = ['minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

const Model = z.strictObject({
  models: Pattern.default(''),
  /** The words of `output_config.effort`, weakest first. */
  efforts: z.array(z.string()).min(1),
  /** Refuses to be told not to think. */
  always: z.boolean().default(false),
});

const Options = z.strictObject({
  /** The first whose `models`, a regular expression, fits: the words it takes (`efforts`, weakest first), and whether it may not be told not to think (`always`). Other models get a budget. */
  adaptive: z.array(Model).default([]),
});

/** Leaves it to the model how long it thinks, and tells it only how much effort it is worth: newer models refuse a budget. */
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
  // a turn whose thoughts are missing may go on: only a budget insists on them
  if (asked !== 'none') body.thinking = { type: 'adaptive', display: 'summarized' };
  else {
    delete body.thinking;
    exchange.warn({ param: 'reasoning.effort', reason: 'the_model_always_thinks' });
  }
  const wanted = SCALE.indexOf(asked === 'ultra' ? 'max' : asked);
  const effort = efforts.find((each) => SCALE.indexOf(each) >= wanted) ?? efforts.at(-1);
  body.output_config = { ...body.output_config, ...(effort && { effort }) };
}
