import type { ChatMessage } from '../contract/chat-wire.ts';

/** What a message says, where it is text and nothing else; undefined where an image or a file belongs to it. */
export function textContent({ content }: ChatMessage): string | undefined {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  const texts = content.map((part) => (part?.type === 'text' ? part.text : undefined));
  return texts.every((text) => typeof text === 'string') ? texts.join('\n') : undefined;
}
