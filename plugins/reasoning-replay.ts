import { z } from 'zod';
import type { ChatMessage, ChatRequest } from '../core/contract/chat-wire.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { Pattern, parseOptions } from '../core/kit/options.ts';

const Options = z.strictObject({
  /** A regular expression: the models that need it; all by default. */
  models: Pattern.default(''),
  /** The turns of the assistant: `all`, or those that call tools. */
  turns: z.enum(['all', 'calls']).default('all'),
  /** What stands for reasoning that there is none of. */
  filler: z.string().default(''),
  /** Where the provider speaks Messages it needs a thinking block too, on turns that use tools. */
  blocks: z.boolean().default(false),
});
interface Block {
  type?: unknown;
}

/** Gives each earlier turn of the assistant a reasoning, for providers that refuse one without while the model thinks: a client may have dropped it, and another model's is never sent. */
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

/** Told not to think, in whichever way providers are told. */
function isStopped({ thinking, enable_thinking: enabled }: Pick<ChatRequest, string>): boolean {
  return enabled === false || (typeof thinking === 'object' && thinking !== null && (thinking as { type?: unknown }).type === 'disabled');
}

function callsTools({ tool_calls: calls }: ChatMessage): boolean {
  return Array.isArray(calls) && calls.length > 0;
}

/** Without having thought before. */
function usesTools(content: readonly (Block | null)[]): boolean {
  const types = content.map((block) => block?.type);
  return types.includes('tool_use') && !types.includes('thinking') && !types.includes('redacted_thinking');
}
