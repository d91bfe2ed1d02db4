import { z } from 'zod';
import type { ChatMessage, ChatRequest } from '../core/contract/chat-wire.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { Pattern, parseOptions } from '../core/kit/options.ts';

const Options = z.strictObject({
  /** Models that need it, as a regular expression; all by default. */
  models: Pattern.default(''),
  /** The assistant turns that need it: `all`, or only those with `calls`. */
  turns: z.enum(['all', 'calls']).default('all'),
  /** The text in place of missing reasoning. */
  filler: z.string().default(''),
  /** Also adds a thinking block to turns that use tools, where the provider speaks Messages. */
  blocks: z.boolean().default(false),
});
interface Block {
  type?: unknown;
}

/**
 * Adds reasoning to earlier assistant turns that have none, for providers that refuse such a turn while the model
 * thinks. The client may have dropped it, and another model's is never sent.
 */
export function reasoningReplay(options: z.input<typeof Options> = {}): Plugin {
  const { models, turns, filler, blocks } = parseOptions('reasoning-replay', Options, options);
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
      messages: {
        request(body) {
          if (!blocks || !meant.test(String(body['model'])) || isStopped(body) || !Array.isArray(body['messages'])) return;
          for (const { role, content } of body['messages'] as { role?: unknown; content?: unknown }[]) {
            if (role === 'assistant' && Array.isArray(content) && usesTools(content)) content.unshift({ type: 'thinking', thinking: filler, signature: '' });
          }
        },
      },
    },
  };
}

/** True if the request turns thinking off, in any provider's form. */
function isStopped({ thinking, enable_thinking: enabled }: Pick<ChatRequest, string>): boolean {
  return enabled === false || (typeof thinking === 'object' && thinking !== null && (thinking as { type?: unknown }).type === 'disabled');
}

function callsTools({ tool_calls: calls }: ChatMessage): boolean {
  return Array.isArray(calls) && calls.length > 0;
}

/** True for a turn that uses tools without a thinking block. */
function usesTools(content: readonly (Block | null)[]): boolean {
  const types = content.map((block) => block?.type);
  return types.includes('tool_use') && !types.includes('thinking') && !types.includes('redacted_thinking');
}
