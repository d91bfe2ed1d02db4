import { z } from 'zod';
import type { ChatChoice, ChatChunk, ChatDelta } from '../core/contract/chat-wire.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { Pattern, parseOptions } from '../core/kit/options.ts';
import { perExchange } from '../core/kit/per-exchange.ts';

const FIELDS = ['content', 'reasoning_content', 'reasoning'] as const;
type Field = (typeof FIELDS)[number];

const Options = z.strictObject({
  /** Models that need it, as a regular expression; all by default. */
  models: Pattern.default(''),
  /** The stream repeats the whole text so far in each piece. */
  snapshots: z.boolean().default(false),
  /**
   * The number of characters from which a piece that equals the one before counts as a repetition; a shorter one may
   * well occur twice.
   */
  least: z.int().positive().default(16),
});

/**
 * Drops text that a stream repeats: the same piece again, the whole answer once more, or, with `snapshots`, the
 * beginning of each piece.
 */
export function dedupeDelta(options: z.input<typeof Options> = {}): Plugin {
  const { models, ...how } = parseOptions('dedupe-delta', Options, options);
  const meant = new RegExp(models);
  const heard = perExchange(() => new Map<Field, Heard>());

  return {
    name: 'dedupe-delta',
    wire: {
      chat: {
        chunk(chunk, exchange) {
          const delta = chunk.choices?.[0]?.delta;
          if (delta && meant.test(exchange.model)) return withDelta(chunk, once(delta, heard(exchange), how));
        },
      },
    },
  };
}

interface Heard {
  all: string;
  last: string;
}

function once(delta: ChatDelta, heard: Map<Field, Heard>, how: { snapshots: boolean; least: number }): ChatDelta {
  let changed = delta;
  for (const field of FIELDS) {
    const piece = delta[field];
    if (typeof piece !== 'string' || piece === '') continue;
    const before = heard.get(field);
    const fresh = before ? freshIn(piece, before, how) : piece;
    if (before) {
      before.all += fresh;
      before.last = piece;
    } else heard.set(field, { all: piece, last: piece });
    if (fresh !== piece) changed = { ...changed, [field]: fresh };
  }
  return changed;
}

function freshIn(piece: string, { all, last }: Heard, { snapshots, least }: { snapshots: boolean; least: number }): string {
  if (snapshots && piece.startsWith(all)) return piece.slice(all.length);
  return piece.length >= least && (piece === last || piece === all) ? '' : piece;
}

function withDelta(chunk: ChatChunk, delta: ChatDelta): ChatChunk | undefined {
  const [choice, ...others] = chunk.choices ?? [];
  if (!choice || delta === choice.delta) return undefined;
  return { ...chunk, choices: [{ ...choice, delta } satisfies ChatChoice, ...others] };
}
