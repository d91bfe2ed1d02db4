import { z } from 'zod';
import type { ChatMessage, ChatRequest } from '../core/dialects/chat/wire.ts';
import { Pattern, parseOptions } from '../core/options.ts';
import type { Plugin } from '../core/plugin.ts';

const Options = z.strictObject({
  /** A regular expression: the models that need it; all by default. */
  models: Pattern.default(''),
  /** The turns of the assistant: `all`, or those that call tools. */
  turns: z.enum(['all', 'calls']).default('all'),
  /** What stands for reasoning that there is none of. */
  filler: z.string().default(''),
});

/** Gives each earlier turn of the assistant a reasoning, for providers that refuse one without while the model thinks: a client may have dropped it, and another model's is never sent. */
export function reasoningReplay(options: z.input<typeof Options> = {}): Plugin {
  const { models, turns, filler } = parseOptions('reasoning-replay', Options, options);
  const meant = new RegExp(models);

  return {
    name: 'reasoning-replay',
    wire: {
      chat: {
        request(body) {
          if (!meant.test(body.model) || isStopped(body)) return;
          for (const message of body.messages ?? []) {
            if (message.role !== 'assistant' || message.reasoning_content) continue;
            if (turns === 'all' || callsTools(message)) message.reasoning_content = filler;
          }
        },
      },
    },
  };
}

/** Told not to think, in whichever way providers are told. */
function isStopped({ thinking, enable_thinking: enabled }: ChatRequest): boolean {
  return enabled === false || (typeof thinking === 'object' && thinking !== null && (thinking as { type?: unknown }).type === 'disabled');
}

function callsTools({ tool_calls: calls }: ChatMessage): boolean {
  return Array.isArray(calls) && calls.length > 0;
}
