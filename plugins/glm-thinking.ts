import type { Plugin } from '../core/contract/plugin.ts';

/** Efforts a version takes beside the switch, weakest first; the others only have the switch. Source: the provider's thinking-mode page. */
const EFFORTS: readonly [RegExp, readonly string[]][] = [
  [/^glm-5\.3/, ['low', 'high', 'max']],
  [/^glm-5\.2/, ['high', 'max']],
];
/** These think always: told not to, they think least. */
const ALWAYS = /^glm-5\.3/;
const SCALE = ['minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

/** Spells the reasoning effort as GLM does: a switch, and a word only where the model takes one. */
export function glmThinking(): Plugin {
  return {
    name: 'glm-thinking',
    wire: {
      chat: {
        request(body, exchange) {
          const { reasoning_effort: asked, model } = body;
          delete body.reasoning_effort;
          const off = asked === 'none' && !ALWAYS.test(model);
          body['thinking'] = { type: off ? 'disabled' : 'enabled' };
          const efforts = EFFORTS.find(([version]) => version.test(model))?.[1];
          if (asked === undefined || off) return;
          if (asked === 'none') exchange.warn({ param: 'reasoning.effort', reason: 'the_model_always_thinks' });
          const effort = nearest(asked === 'none' ? 'minimal' : asked, efforts);
          if (!effort) exchange.warn({ param: 'reasoning.effort', reason: `unknown_${asked}` });
          else if (efforts) body.reasoning_effort = effort;
        },
      },
    },
  };
}

/** The weakest that is not weaker than asked, else the strongest. */
function nearest(asked: string, efforts: readonly string[] = SCALE): string | undefined {
  const wanted = SCALE.indexOf(asked === 'ultra' ? 'max' : asked);
  if (wanted < 0) return undefined;
  return efforts.find((effort) => SCALE.indexOf(effort) >= wanted) ?? efforts.at(-1);
}
