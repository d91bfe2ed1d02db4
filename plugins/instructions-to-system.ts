import type { Plugin } from '../core/contract/plugin.ts';

/** Moves the instructions into a first system message, which is their place in Chat. */
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
