import { z } from 'zod';
import type { ChatMessage } from '../core/contract/chat-wire.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { callsOf, messagesOf } from '../core/kit/body-lists.ts';
import { Pattern, parseOptions } from '../core/kit/options.ts';

/** The signature that Google documents for calls of another model. */
const UNSIGNED = { google: { thought_signature: 'skip_thought_signature_validator' } };

const Options = z.strictObject({
  /** Models that need it, as a regular expression; all by default. */
  models: Pattern.default(''),
  /** The `extra_content` in place of a missing one. */
  filler: z.record(z.string(), z.unknown()).default(UNSIGNED),
});

/**
 * Signs the first call of a turn that has no signature, for providers that refuse such a turn: another model made it,
 * or the client did not keep the signature.
 */
export function unsignedCalls(options: z.input<typeof Options> = {}): Plugin {
  const { models, filler } = parseOptions('unsigned-calls', Options, options);
  const meant = new RegExp(models);

  return {
    name: 'unsigned-calls',
    wire: {
      chat: {
        request(body) {
          if (meant.test(body.model)) for (const message of messagesOf(body)) sign(message, filler);
        },
      },
    },
  };
}

/** A gateway's own details may hold the signatures. */
function sign(message: ChatMessage & { reasoning_details?: unknown }, filler: object): void {
  const [first] = callsOf(message) as { extra_content?: unknown }[];
  if (first && !message.reasoning_details) first.extra_content ??= structuredClone(filler);
}
