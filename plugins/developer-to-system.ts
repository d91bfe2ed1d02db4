import { type Item, type Message, textOf } from '../core/contract/canonical.ts';
import type { Plugin } from '../core/contract/plugin.ts';

/**
 * Renames the role `developer` to `system`, which every provider knows, and joins the leading system messages into
 * one. Later ones stay in place.
 */
export function developerToSystem(): Plugin {
  return {
    name: 'developer-to-system',
    upstream: 'chat',
    request(request) {
      for (const item of request.input) if (item.type === 'message' && item.role === 'developer') item.role = 'system';
      const filled = request.input.filter((item) => !isSystem(item) || textOf(item.content).trim() !== '');
      const kept = filled.length > 0 ? filled : request.input.slice(-1);
      const end = kept.findIndex((item) => !isSystem(item));
      const leading = kept.splice(0, end < 0 ? kept.length : end).filter(isSystem);
      if (leading.length > 1) kept.unshift({ type: 'message', role: 'system', content: leading.map(({ content }) => textOf(content)).join('\n\n') });
      else kept.unshift(...leading);
      request.input = kept;
    },
    wire: {
      chat: {
        // a Chat client's own messages arrive here unchanged
        request(body) {
          for (const message of body.messages ?? []) if (message?.role === 'developer') message.role = 'system';
        },
      },
    },
  };
}

function isSystem(item: Item): item is Message {
  return item.type === 'message' && item.role === 'system';
}
