import { z } from 'zod';
import type { Plugin } from '../core/contract/plugin.ts';
import { messagesOf } from '../core/kit/body-lists.ts';
import { parseOptions } from '../core/kit/options.ts';

const Options = z.strictObject({
  /** Fields of the body that the provider accepts; without a list, all fields pass. */
  params: z.array(z.string().min(1)).optional(),
  /** Fields of a message that the provider accepts; without a list, all fields pass. */
  message: z.array(z.string().min(1)).optional(),
});

/** Drops every field that is not listed, for providers that refuse a request with an unknown field. */
export function allowParams(options: z.input<typeof Options> = {}): Plugin {
  const { params, message } = parseOptions('allow-params', Options, options);
  const known = params && new Set(params);
  const knownInMessage = message && new Set(message);

  return {
    name: 'allow-params',
    wire: {
      chat: {
        request(body, exchange) {
          const lost = new Set<string>();
          if (known) dropOthers(body, known, '', lost);
          if (knownInMessage) for (const each of messagesOf(body)) dropOthers(each, knownInMessage, 'messages.', lost);
          for (const param of lost) exchange.warn({ param, reason: 'unknown_to_the_provider' });
        },
      },
    },
  };
}

function dropOthers(holder: object, known: ReadonlySet<string>, path: string, lost: Set<string>): void {
  const fields = holder as Record<string, unknown>;
  for (const name of Object.keys(fields)) {
    if (known.has(name)) continue;
    if (isLoss(name, fields[name])) lost.add(path + name);
    delete fields[name];
  }
}

/** Dropping a default value loses nothing, and the gateway reads usage wherever a provider reports it. */
function isLoss(name: string, value: unknown): boolean {
  return value != null && value !== true && name !== 'stream_options' && !(name === 'store' && value === false);
}
