import { z } from 'zod';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { Pattern, parseOptions } from '../core/kit/options.ts';

const Options = z.strictObject({
  /** A regular expression: the models that only stream; all by default. */
  models: Pattern.default(''),
});

/** Asks the provider for a stream also where the client waits for a whole answer, for models that know no other: it gets the stream folded. In the native lane nothing is folded, so there it does nothing. */
export function forceStream(options: z.input<typeof Options> = {}): Plugin {
  const models = new RegExp(parseOptions('force-stream', Options, options).models);
  const request = (body: { stream?: unknown }, exchange: Exchange) => {
    if (models.test(exchange.model)) body.stream = true;
  };

  return {
    name: 'force-stream',
    lane: 'translated',
    wire: {
      chat: {
        request(body, exchange) {
          request(body, exchange);
          if (body.stream) body.stream_options ??= { include_usage: true };
        },
      },
      responses: { request },
      messages: { request },
    },
  };
}
