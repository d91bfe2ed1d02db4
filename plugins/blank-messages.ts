import { type Item, textOf } from '../core/contract/canonical.ts';
import type { Plugin } from '../core/contract/plugin.ts';

/** Leaves out messages that say nothing, which providers refuse; where nothing else is said, the newest stays. */
export function blankMessages(): Plugin {
  return {
    name: 'blank-messages',
    upstream: ['chat', 'messages'],
    request(request) {
      const told = request.input.filter((item) => !isBlank(item));
      const said = request.instructions?.trim() || told.some(({ type }) => type === 'message');
      const newest = request.input.findLast((item) => item.type === 'message');
      request.input = said || !newest ? told : request.input.filter((item) => item === newest || !isBlank(item));
    },
  };
}

function isBlank(item: Item): boolean {
  if (item.type !== 'message') return false;
  const seen = typeof item.content === 'string' ? [] : item.content.filter(({ type }) => type === 'input_image' || type === 'input_file');
  return seen.length === 0 && textOf(item.content).trim() === '';
}
