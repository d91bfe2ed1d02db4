import { z } from 'zod';
import type { ChatChoice, ChatChunk, ChatDelta } from '../core/contract/chat-wire.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { Pattern, parseOptions } from '../core/kit/options.ts';
import { perExchange } from '../core/kit/per-exchange.ts';

const FIELDS = ['content', 'reasoning_content', 'reasoning'] as const;
type Field = (typeof FIELDS)[number];

const Options = z.strictObject({
  /** A regular expression: the models that need it; all by default. */
  models: Pattern.default(''),
  /** Each piece of the stream repeats all that came before it. */
  snapshots: z.boolean().default(false),
  /** A piece that is the same as the one before it is a repetition if it has so many characters; shorter ones may well come twice. */
  least: z.int().positive().default(16),
});

/** Leaves out what a stream says twice: the same piece again, all that was said once more, or, where `snapshots` says so, the beginning of each piece. */
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
    const told = delta[field];
    if (typeof told !== 'string' || told === '') continue;
    const before = heard.get(field);
    const fresh = before ? freshIn(told, before, how) : told;
    if (before) {
      before.all += fresh;
      before.last = told;
    } else heard.set(field, { all: told, last: told });
    if (fresh !== told) changed = { ...changed, [field]: fresh };
  }
  return changed;
}

function freshIn(told: string, { all, last }: Heard, { snapshots, least }: { snapshots: boolean; least: number }): string {
  if (snapshots && told.startsWith(all)) return told.slice(all.length);
  return told.length >= least && (told === last || told === all) ? '' : told;
}

function withDelta(chunk: ChatChunk, delta: ChatDelta): ChatChunk | undefined {
  const [choice, ...others] = chunk.choices ?? [];
  if (!choice || delta === choice.delta) return undefined;
  return { ...chunk, choices: [{ ...choice, delta } satisfies ChatChoice, ...others] };
}
