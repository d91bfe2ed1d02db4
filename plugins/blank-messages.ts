import { type Item, textOf } from '../core/contract/canonical.ts';
import type { Plugin } from '../core/contract/plugin.ts';

/**
 * Drops messages without content, which providers refuse, but keeps the newest one where nothing else would be left.
 */
export function blankMessages(): Plugin {
  return {
    name: 'blank-messages',
    upstream: ['chat', 'messages'],
    request(request) {
      const filled = request.input.filter((item) => !isBlank(item));
      const said = request.instructions?.trim() || filled.some(({ type }) => type === 'message');
      const newest = request.input.findLast((item) => item.type === 'message');
      request.input = said || !newest ? filled : request.input.filter((item) => item === newest || !isBlank(item));
    },
  };
}

function isBlank(item: Item): boolean {
  if (item.type !== 'message') return false;
  const seen = typeof item.content === 'string' ? [] : item.content.filter(({ type }) => type === 'input_image' || type === 'input_file');
  return seen.length === 0 && textOf(item.content).trim() === '';
}
