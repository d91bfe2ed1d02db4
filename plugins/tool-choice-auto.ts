import type { Plugin } from '../core/plugin.ts';

/** Leaves the choice of a tool to the model, for providers that know no other: `none` takes the tools away, a forced call cannot be had. */
export function toolChoiceAuto(): Plugin {
  return {
    name: 'tool-choice-auto',
    wire: {
      chat: {
        request(body, exchange) {
          const { tool_choice: choice } = body;
          if (choice === undefined || choice === 'auto') return;
          if (choice === 'none') {
            delete body.tools;
            delete body.tool_choice;
            delete body.parallel_tool_calls;
            return;
          }
          body.tool_choice = 'auto';
          exchange.warn({ param: 'tool_choice', reason: 'the_provider_only_knows_auto' });
        },
      },
    },
  };
}
