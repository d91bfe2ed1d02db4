import { z } from 'zod';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { Pattern, parseOptions } from '../core/kit/options.ts';

const Options = z.strictObject({
  /** Models that can only stream, as a regular expression; all by default. */
  models: Pattern.default(''),
});

/**
 * Asks the provider for a stream even if the client waits for a whole answer, for models that can only stream; the
 * client gets the stream put together. In the native lane, where streams pass unchanged, it does nothing.
 */
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
