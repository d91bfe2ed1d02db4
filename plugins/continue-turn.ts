import { z } from 'zod';
import type { Item } from '../core/contract/canonical.ts';
import type { ChatMessage } from '../core/contract/chat-wire.ts';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { callsOf, messagesOf } from '../core/kit/body-lists.ts';
import { isCodex } from '../core/kit/is-codex.ts';
import { Pattern, parseOptions } from '../core/kit/options.ts';

const TEXT = 'Continue.';
const REASON = 'the_conversation_ended_with_the_assistant';
/** Claude models since 4.6, under the name of any host. */
const CLAUDE = 'claude-(((opus|sonnet|haiku)-)?(4[-.]([6-9]|\\d\\d(?!\\d))|[5-9]|\\d\\d(?!\\d))|fable|mythos)';

const Options = z.strictObject({
  /**
   * Models that do not go on with a beginning of their answer, as a regular expression. Default: the Claude models
   * since 4.6, at any host.
   */
  models: Pattern.default(CLAUDE),
});

/**
 * Adds a short message of the user behind a conversation that ends with the assistant, which many models refuse. Codex
 * asks so after a stream that was cut, and never means a beginning that the model should go on with.
 */
export function continueTurn(options: z.input<typeof Options> = {}): Plugin {
  const models = new RegExp(parseOptions('continue-turn', Options, options).models);
  const isMeant = (exchange: Exchange) => isCodex(exchange) || models.test(exchange.model);
  const isNative = (exchange: Exchange) => exchange.lane === 'native' && isMeant(exchange);

  return {
    name: 'continue-turn',
    request(request, exchange) {
      if (!isOfAssistant(request.input.at(-1)) || !isMeant(exchange)) return;
      request.input = [...request.input, { type: 'message', role: 'user', content: TEXT }];
      exchange.warn({ param: 'input', reason: REASON });
    },
    wire: {
      chat: {
        request(body, exchange) {
          const last = messagesOf(body).at(-1);
          if (last?.role !== 'assistant' || callsOf(last).length > 0 || isMarked(last) || !isNative(exchange)) return;
          body.messages.push({ role: 'user', content: TEXT });
          exchange.warn({ param: 'messages', reason: REASON });
        },
      },
      messages: {
        request({ messages }, exchange) {
          if (!Array.isArray(messages) || !endsInWords(messages.at(-1)) || !isNative(exchange)) return;
          messages.push({ role: 'user', content: TEXT });
          exchange.warn({ param: 'messages', reason: REASON });
        },
      },
    },
  };
}

function isOfAssistant(item: Item | undefined): boolean {
  return item?.type === 'reasoning' || (item?.type === 'message' && item.role === 'assistant');
}

/** A turn that ends with a call, or with a tool of the provider's own (`pause_turn`), is sent so that it goes on. */
function endsInWords(message: { role?: unknown; content?: unknown } | null | undefined): boolean {
  if (message?.role !== 'assistant') return false;
  const last: { type?: unknown } | null | undefined = Array.isArray(message.content) ? message.content.at(-1) : undefined;
  return last == null || ['text', 'thinking', 'redacted_thinking'].includes(String(last.type));
}

/** True for a beginning that is marked as such: `prefix` at DeepSeek and Mistral, `partial` at Kimi and Qwen. */
function isMarked({ prefix, partial }: ChatMessage & { prefix?: unknown; partial?: unknown }): boolean {
  return prefix === true || partial === true;
}
