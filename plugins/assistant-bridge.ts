import { z } from 'zod';
import type { ChatMessage } from '../core/contract/chat-wire.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { messagesOf } from '../core/kit/body-lists.ts';
import { Pattern, parseOptions } from '../core/kit/options.ts';

const Options = z.strictObject({
  /** Models that need it, as a regular expression; all by default. */
  models: Pattern.default(''),
  /** The text of the inserted message. */
  text: z.string().min(1).default('Understood.'),
});

/** A message of Messages, unchecked. */
type Message = { role?: unknown; content?: string | ({ type?: unknown } | null)[] } | null;

/**
 * Inserts an assistant message between a tool's output and the user's next message, for providers that refuse one
 * right after the other.
 */
export function assistantBridge(options: z.input<typeof Options> = {}): Plugin {
  const { models, text } = parseOptions('assistant-bridge', Options, options);
  const meant = new RegExp(models);

  return {
    name: 'assistant-bridge',
    wire: {
      chat: {
        request(body) {
          if (!meant.test(body.model) || !messagesOf(body).some(isGap)) return;
          body.messages = messagesOf(body).flatMap((message, at, all) => (isGap(message, at, all) ? [{ role: 'assistant', content: text }, message] : message));
        },
      },
      messages: {
        request(body) {
          if (!meant.test(String(body['model'])) || !Array.isArray(body['messages'])) return;
          const messages = (body['messages'] as Message[]).flatMap(apart);
          const bridged = messages.flatMap((message, at) =>
            isBehindResults(message, messages[at - 1]) ? [{ role: 'assistant', content: text }, message] : message,
          );
          if (bridged.length > body['messages'].length) body['messages'] = bridged;
        },
      },
    },
  };
}

/** Splits a message of the user whose results come with something else. */
function apart(message: Message): Message[] {
  const { role, content } = message ?? {};
  if (role !== 'user' || !Array.isArray(content)) return [message];
  const results = content.filter(isResult);
  if (results.length === 0 || results.length === content.length) return [message];
  return [
    { ...message, content: results },
    { ...message, content: content.filter((block) => !isResult(block)) },
  ];
}

function isBehindResults(message: Message, before: Message | undefined): boolean {
  return message?.role === 'user' && holdsResults(before) && !holdsResults(message);
}

function holdsResults(message: Message | undefined): boolean {
  return Array.isArray(message?.content) && message.content.some(isResult);
}

function isResult(block: { type?: unknown } | null): boolean {
  return block?.type === 'tool_result';
}

function isGap({ role }: ChatMessage, at: number, messages: readonly ChatMessage[]): boolean {
  return messages[at - 1]?.role === 'tool' && role !== 'tool' && role !== 'assistant';
}
