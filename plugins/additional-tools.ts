import type { Item, Tool } from '../core/contract/canonical.ts';
import type { Plugin } from '../core/contract/plugin.ts';

/** Offers the tools that a client tells of inside the input, as Codex does for its "lite" models. */
export function additionalTools(): Plugin {
  return {
    name: 'additional-tools',
    upstream: ['chat', 'messages'],
    request(request) {
      const told = request.input.flatMap((item): Tool[] => (item.type === 'additional_tools' ? item.tools : []));
      if (told.length > 0) request.tools = [...(request.tools ?? []), ...told];
      request.input = request.input.filter((item: Item) => item.type !== 'additional_tools');
    },
  };
}
