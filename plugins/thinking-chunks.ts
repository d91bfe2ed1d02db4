import { z } from 'zod';
import type { ChatChoice, ChatDelta, ChatMessage } from '../core/contract/chat-wire.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { Pattern, parseOptions } from '../core/kit/options.ts';

const Options = z.strictObject({
  /** Models that get their reasoning back, as a regular expression; all by default. Other models get none. */
  models: Pattern.default(''),
});
interface Part {
  type?: string;
  text?: string;
  thinking?: string | { text?: string }[];
}

/** Reads reasoning that arrives as a part of the content, `{"type":"thinking"}`, and sends it back in that form. */
export function thinkingChunks(options: z.input<typeof Options> = {}): Plugin {
  const meant = new RegExp(parseOptions('thinking-chunks', Options, options).models);

  return {
    name: 'thinking-chunks',
    wire: {
      chat: {
        request(body) {
          const thinks = meant.test(body.model);
          for (const message of body.messages ?? []) if (Object.hasOwn(message, 'reasoning_content')) putBack(message, thinks);
        },
        chunk(chunk) {
          const [choice, ...others] = chunk.choices ?? [];
          const said = choice?.delta ?? choice?.message;
          if (!choice || !Array.isArray(said?.content) || !said.content.some(isThought)) return;
          return { ...chunk, choices: [readParts(choice, said), ...others] };
        },
      },
    },
  };
}

function putBack(message: ChatMessage, thinks: boolean): void {
  const { reasoning_content: text, content } = message;
  delete message.reasoning_content;
  if (!thinks || typeof text !== 'string' || text === '') return;
  const said = Array.isArray(content) ? content : content ? [{ type: 'text', text: content }] : [];
  Object.assign(message, { content: [{ type: 'thinking', thinking: [{ type: 'text', text }], closed: true }, ...said] });
}

function isThought(part: Part | null): boolean {
  return part?.type === 'thinking';
}

function readParts(choice: ChatChoice, said: ChatDelta): ChatChoice {
  const parts = said.content as (Part | null)[];
  const plain = { ...said, content: textOf(parts.filter((part) => !isThought(part))) || null, reasoning_content: parts.map(thoughtOf).join('') };
  return choice.delta ? { ...choice, delta: plain } : { ...choice, message: plain };
}

function thoughtOf(part: Part | null): string {
  const thought = isThought(part) ? part?.thinking : undefined;
  return Array.isArray(thought) ? textOf(thought) : (thought ?? '');
}

function textOf(parts: readonly ({ text?: string } | null)[]): string {
  return parts.map((part) => (typeof part?.text === 'string' ? part.text : '')).join('');
}
