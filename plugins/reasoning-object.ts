import type { Plugin } from '../core/contract/plugin.ts';

/** Sends the reasoning effort as an object, `reasoning: { effort }`, in place of the field `reasoning_effort`. */
export function reasoningObject(): Plugin {
  return {
    name: 'reasoning-object',
    wire: {
      chat: {
        request(body) {
          const { reasoning_effort: effort } = body;
          if (effort === undefined) return;
          delete body.reasoning_effort;
          body['reasoning'] ??= { effort }; // a Chat client may have set its own
        },
      },
    },
  };
}
