import type { ChatMessage } from '../contract/chat-wire.ts';

/** Returns the text of a message; undefined if the message also has an image or a file. */
export function textContent({ content }: ChatMessage): string | undefined {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  const texts = content.map((part) => (part?.type === 'text' ? part.text : undefined));
  return texts.every((text) => typeof text === 'string') ? texts.join('\n') : undefined;
}
