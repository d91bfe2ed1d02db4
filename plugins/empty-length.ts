import { z } from 'zod';
import { GatewayError } from '../core/contract/errors.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { parseOptions } from '../core/kit/options.ts';
import { perExchange } from '../core/kit/per-exchange.ts';

const Options = z.strictObject({
  /** Also applies to an empty answer that ends as if it were complete. */
  stop: z.boolean().default(false),
});

/**
 * Reports an empty answer as an error with the code `context_length_exceeded`: a local server ends without text when
 * the conversation no longer fits into the model's context window.
 */
export function emptyLength(options: z.input<typeof Options> = {}): Plugin {
  const { stop } = parseOptions('empty-length', Options, options);
  const answers = perExchange(() => ({ empty: true, limit: Number.POSITIVE_INFINITY }));

  return {
    name: 'empty-length',
    request({ max_output_tokens: limit }, exchange) {
      if (limit != null) answers(exchange).limit = limit;
    },
    event(event, exchange) {
      if (event.type === 'item.added') answers(exchange).empty = false;
      if (event.type !== 'end' || event.status === 'failed' || event.reason === 'content_filter') return;
      const { empty, limit } = answers(exchange);
      const spent = event.usage?.estimated ? 0 : (event.usage?.output_tokens ?? 0);
      // the client's own limit may leave no room for text
      if (!empty || spent >= limit || (event.status === 'completed' && !stop)) return;
      const message = "the model returned an empty answer: the conversation no longer fits into the context window that the provider's server is set up with";
      return { type: 'end', status: 'failed', error: new GatewayError('context_length_exceeded', message), ...(event.usage && { usage: event.usage }) };
    },
  };
}
