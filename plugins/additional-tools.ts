import type { Item, Tool } from '../core/contract/canonical.ts';
import type { Plugin } from '../core/contract/plugin.ts';

/**
 * Adds the tools that a client declares inside the input, as Codex does for its "lite" models, to the tools of the
 * request.
 */
export function additionalTools(): Plugin {
  return {
    name: 'additional-tools',
    upstream: ['chat', 'messages'],
    request(request) {
      const declared = request.input.flatMap((item): Tool[] => (item.type === 'additional_tools' ? item.tools : []));
      if (declared.length > 0) request.tools = [...(request.tools ?? []), ...declared];
      request.input = request.input.filter((item: Item) => item.type !== 'additional_tools');
    },
  };
}
