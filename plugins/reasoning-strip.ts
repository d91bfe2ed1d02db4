import type { Plugin } from '../core/contract/plugin.ts';

/** Removes the reasoning effort and the reasoning of earlier turns, for models without a switch for it. */
export function reasoningStrip(): Plugin {
  return {
    name: 'reasoning-strip',
    request(request, exchange) {
      if (request.reasoning?.effort) exchange.warn({ param: 'reasoning.effort', reason: 'the_model_has_no_switch' });
      request.reasoning = null;
      request.input = request.input.filter(({ type }) => type !== 'reasoning');
    },
  };
}
