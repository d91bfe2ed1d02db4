import { z } from 'zod';
import type { ChatUsage } from '../core/contract/chat-wire.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { placesOf } from '../core/kit/body-paths.ts';
import { parseOptions } from '../core/kit/options.ts';

const Options = z.strictObject({
  /** The dotted path to the usage in a chunk. */
  path: z.string().min(1).optional(),
});

/** Reads the usage of tokens from the provider's own place in a chunk. */
export function usagePlace(options: z.input<typeof Options> = {}): Plugin {
  const { path } = parseOptions('usage-place', Options, options);
  const [first = ''] = path?.split('.') ?? [];

  return {
    name: 'usage-place',
    wire: {
      chat: {
        chunk(chunk) {
          if (path === undefined || chunk.usage || !chunk[first]) return;
          const [place] = placesOf(chunk, path);
          const usage = place?.[0][place[1]];
          if (typeof usage === 'object' && usage !== null) return { ...chunk, usage: usage as ChatUsage };
        },
      },
    },
  };
}
