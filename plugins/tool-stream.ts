import { z } from 'zod';
import type { Plugin } from '../core/contract/plugin.ts';
import { Pattern, parseOptions } from '../core/kit/options.ts';

const Options = z.strictObject({
  /** Models that know the switch, as a regular expression. */
  models: Pattern.default('^glm-5\\.[2-9]'),
});

/**
 * Asks for the arguments of calls piece by piece, where a provider would hold them back until the call is complete.
 */
export function toolStream(options: z.input<typeof Options> = {}): Plugin {
  const models = new RegExp(parseOptions('tool-stream', Options, options).models);

  return {
    name: 'tool-stream',
    wire: {
      chat: {
        request(body) {
          if (body.stream && body.tools && models.test(body.model)) body['tool_stream'] = true;
        },
      },
    },
  };
}
