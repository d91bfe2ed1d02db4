import { z } from 'zod';
import type { ChatMessage } from '../core/contract/chat-wire.ts';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { messagesOf } from '../core/kit/body-lists.ts';
import { Pattern, parseOptions } from '../core/kit/options.ts';

const Options = z.strictObject({
  /** Models that accept system messages only at the beginning, as a regular expression; all by default. */
  models: Pattern.default(''),
});
/** A text, or something else that a message may hold. */
type Part = { type?: unknown; text?: unknown } | null;
/** A message of Messages, as the client wrote it. */
interface Message {
  role?: string;
  content?: string | Part[] | null;
  clear_at?: unknown;
}

/**
 * Leaves a system message that comes late in its place, as a text of the user in `<system-reminder>`: moved to the
 * beginning it would break the provider's prompt cache on every turn.
 */
export function lateSystem(options: z.input<typeof Options> = {}): Plugin {
  const models = new RegExp(parseOptions('late-system', Options, options).models);

  return {
    name: 'late-system',
    wire: {
      chat: {
        request(body) {
          const messages = messagesOf(body);
          const begins = messages.findIndex((message) => !isSystem(message));
          if (begins < 0 || !models.test(body.model) || !messages.slice(begins).some(isSystem)) return;
          body.messages = [...messages.slice(0, begins), ...behindOutputs(messages.slice(begins)).flatMap(inPlace)];
        },
      },
      messages: {
        request(body, exchange) {
          const { model, messages, system } = body as { model?: unknown; messages?: Message[]; system?: Message['content'] };
          if (!models.test(String(model)) || !Array.isArray(messages) || !messages.some(isSystem)) return;
          const begins = messages.findIndex((message) => !isSystem(message));
          const leading = messages.slice(0, begins < 0 ? messages.length : begins);
          if (leading.length > 0) body['system'] = [...partsOf(system), ...leading.flatMap((message) => onlyTexts(message, exchange))];
          body['messages'] = withReminders(messages.slice(leading.length), exchange);
        },
      },
    },
  };
}

function isSystem(message: { role?: string } | null): boolean {
  return message?.role === 'system' || message?.role === 'developer';
}

/** Moves a system message behind the outputs that follow it: a provider wants them right behind their calls. */
function behindOutputs(messages: readonly ChatMessage[]): ChatMessage[] {
  const ordered: ChatMessage[] = [];
  let waiting: ChatMessage[] = [];
  for (const message of messages) {
    const before = ordered.at(-1);
    if (isSystem(message) && (before?.role === 'tool' || before?.tool_calls)) waiting.push(message);
    else if (message.role === 'tool') ordered.push(message);
    else {
      for (const each of waiting) ordered.push(each);
      ordered.push(message);
      waiting = [];
    }
  }
  return [...ordered, ...waiting];
}

/** A blank message says nothing, and is dropped. */
function inPlace(message: ChatMessage): ChatMessage[] {
  if (!isSystem(message)) return [message];
  const said: ChatMessage = { ...message, role: 'user' };
  if (Array.isArray(said.content)) said.content = said.content.filter((part) => !isBlank(part)).map(wrap);
  else said.content &&= said.content.trim() && reminder(said.content);
  return said.content?.length ? [said] : [];
}

/** Adds each text to the user's message before it, or behind the results after it, else as a message of its own. */
function withReminders(messages: readonly Message[], exchange: Exchange): Message[] {
  const newest = messages.findLastIndex((message) => message?.role === 'user');
  const said: Message[] = [];
  let waiting: Part[] = [];
  /** The parts of the latest message of the user, once they are ours to add to. */
  let open: Part[] | undefined;
  for (const [at, message] of messages.entries()) {
    const last = said.at(-1);
    if (isSystem(message)) {
      if (message.clear_at === 'next_user_message' && at < newest) continue;
      const texts = onlyTexts(message, exchange).map(wrap);
      if (last?.role === 'user' && texts.length > 0 && !open) {
        open = [...partsOf(last.content)];
        said[said.length - 1] = { ...last, content: open };
      }
      for (const text of texts) (open ?? waiting).push(text);
      continue;
    }
    open = undefined;
    const parts = partsOf(message?.content);
    const results = message?.role === 'user' && waiting.length > 0 ? parts.findLastIndex((part) => part?.type === 'tool_result') + 1 : 0;
    if (waiting.length > 0 && results === 0) said.push({ role: 'user', content: waiting });
    said.push(results > 0 ? { ...message, content: [...parts.slice(0, results), ...waiting, ...parts.slice(results)] } : message);
    waiting = [];
  }
  return waiting.length > 0 ? [...said, { role: 'user', content: waiting }] : said;
}

function onlyTexts({ content }: Message, exchange: Exchange): Part[] {
  const parts = partsOf(content);
  if (parts.some((part) => part?.type !== 'text')) exchange.warn({ param: 'messages', reason: 'only_text_in_a_system_message' });
  return parts.filter((part) => part?.type === 'text' && !isBlank(part));
}

function partsOf(content: Message['content']): Part[] {
  if (Array.isArray(content)) return content;
  return content ? [{ type: 'text', text: content }] : [];
}

function isBlank(part: Part): boolean {
  return part?.type === 'text' && String(part.text ?? '').trim() === '';
}

function wrap<Each extends Part>(part: Each): Each {
  return part?.type === 'text' ? { ...part, text: reminder(String(part.text)) } : part;
}

function reminder(text: string): string {
  return `<system-reminder>\n${text}\n</system-reminder>`;
}
