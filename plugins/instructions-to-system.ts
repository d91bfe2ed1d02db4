import type { Plugin } from '../core/contract/plugin.ts';

/** Puts the instructions where Chat has them: in a first system message. */
export function instructionsToSystem(): Plugin {
  return {
    name: 'instructions-to-system',
    upstream: 'chat',
    request(request) {
      if (request.instructions?.trim()) request.input.unshift({ type: 'message', role: 'system', content: request.instructions });
      request.instructions = null;
    },
  };
}
