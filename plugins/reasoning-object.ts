import type { Plugin } from '../core/contract/plugin.ts';

/** Asks for reasoning with an object, `reasoning: { effort }`, in place of a word of its own. */
export function reasoningObject(): Plugin {
  return {
    name: 'reasoning-object',
    wire: {
      chat: {
        request(body) {
          const { reasoning_effort: effort } = body;
          if (effort === undefined) return;
          delete body.reasoning_effort;
          body['reasoning'] ??= { effort }; // a client of this dialect may have its own
        },
      },
    },
  };
}
