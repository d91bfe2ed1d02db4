import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ChatChoice, ChatMessage } from '../core/contract/chat-wire.ts';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { callsOf, messagesOf } from '../core/kit/body-lists.ts';
import { Pattern, parseOptions } from '../core/kit/options.ts';
import { perExchange } from '../core/kit/per-exchange.ts';

const HASH = 8;
/**
 * The ids that a provider accepts, and how another id is spelled: always the same way, so that a call and its output
 * match on every turn and after a restart.
 */
const PROFILES = {
  nine: {
    accepted: /^[a-zA-Z0-9]{9}$/,
    spell: (id: string) =>
      BigInt(`0x${digest(id).slice(0, 16)}`)
        .toString(36)
        .padStart(9, '0')
        .slice(-9),
  },
  word: wordOf(64),
  short: wordOf(40),
};
type Profile = (typeof PROFILES)[keyof typeof PROFILES];

const Options = z.strictObject({
  /** `nine`: nine letters and digits. `word`: up to 64 letters, digits, `_` and `-`. `short`: up to 40 of them. */
  profile: z.enum(['nine', 'word', 'short']).default('word'),
  /** Models that need it, as a regular expression; all by default. */
  models: Pattern.default(''),
});

/**
 * Rewrites the ids of calls into a form that the provider accepts, and adds an id to a call that arrives without one.
 * The client keeps the ids it saw first: the provider's are derived from them anew on each turn.
 */
export function toolId(options: z.input<typeof Options> = {}): Plugin {
  const { profile, models } = parseOptions('tool-id', Options, options);
  const meant = new RegExp(models);
  const seen = perExchange(() => new Set<number>());

  return {
    name: 'tool-id',
    wire: {
      chat: {
        request(body) {
          if (meant.test(body.model)) spellChat(messagesOf(body), new Spelling(PROFILES[profile]));
        },
        chunk(chunk, exchange) {
          const choice = chunk.choices?.[0];
          if (!choice || deltasOf(choice).length === 0 || !meant.test(exchange.model)) return;
          const filled = fill(choice, PROFILES[profile], seen(exchange), exchange);
          if (filled !== choice) return { ...chunk, choices: [filled, ...(chunk.choices ?? []).slice(1)] };
        },
      },
      messages: {
        request(body) {
          if (meant.test(String(body['model']))) spellBlocks(body['messages'], new Spelling(PROFILES[profile]));
        },
      },
      responses: {
        request(body) {
          if (meant.test(String(body['model']))) spellItems(body['input'], PROFILES[profile]);
        },
      },
    },
  };
}

/** The ids of one request. Calls and outputs without an id match in their order. */
class Spelling {
  readonly #profile: Profile;
  #calls = 0;
  #outputs = 0;

  constructor(profile: Profile) {
    this.#profile = profile;
  }

  call(id: unknown): string {
    return spell(String(id || `without-id-${this.#calls++}`), this.#profile);
  }

  output(id: unknown): string {
    return spell(String(id || `without-id-${this.#outputs++}`), this.#profile);
  }
}

function spell(id: string, { accepted, spell }: Profile): string {
  return accepted.test(id) ? id : spell(id);
}

function spellChat(messages: readonly ChatMessage[], spelling: Spelling): void {
  for (const message of messages) {
    for (const call of callsOf(message)) call.id = spelling.call(call.id);
    if (message.role === 'tool') message.tool_call_id = spelling.output(message.tool_call_id);
  }
}

function spellBlocks(messages: unknown, spelling: Spelling): void {
  if (!Array.isArray(messages)) return;
  for (const block of (messages as ({ content?: unknown } | null)[]).flatMap((message) => (Array.isArray(message?.content) ? message.content : []))) {
    if (block?.type === 'tool_use') block.id = spelling.call(block.id);
    if (block?.type === 'tool_result') block.tool_use_id = spelling.output(block.tool_use_id);
  }
}

function spellItems(input: unknown, profile: Profile): void {
  if (!Array.isArray(input)) return;
  for (const item of input as ({ call_id?: unknown } | null)[]) if (typeof item?.call_id === 'string') item.call_id = spell(item.call_id, profile);
}

type Calls = NonNullable<NonNullable<ChatChoice['delta']>['tool_calls']>;

const NONE: Calls = [];

function deltasOf({ delta, message }: ChatChoice): Calls {
  const calls = (delta ?? message)?.tool_calls;
  return Array.isArray(calls) ? calls : NONE;
}

/** A call begins with its name; a piece that only continues one has no id of its own. */
function fill(choice: ChatChoice, profile: Profile, seen: Set<number>, { clock }: Exchange): ChatChoice {
  const filled = deltasOf(choice).map((call) => {
    const begins = Boolean(call?.function?.name) && (call.index == null || !seen.has(call.index));
    if (typeof call?.index === 'number') seen.add(call.index);
    return begins && !call.id ? { ...call, id: spell(clock.id('call'), profile) } : call;
  });
  if (filled.every((call, at) => call === deltasOf(choice)[at])) return choice;
  return choice.delta ? { ...choice, delta: { ...choice.delta, tool_calls: filled } } : { ...choice, message: { ...choice.message, tool_calls: filled } };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function wordOf(longest: number) {
  return {
    accepted: new RegExp(`^[a-zA-Z0-9_-]{1,${longest}}$`),
    spell: (id: string) => `${id.replaceAll(/[^a-zA-Z0-9_-]/g, '_').slice(0, longest - HASH - 1)}_${digest(id).slice(0, HASH)}`,
  };
}
