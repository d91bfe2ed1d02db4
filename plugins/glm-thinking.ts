import type { Plugin } from '../core/contract/plugin.ts';

/**
 * Efforts that a version accepts beside the switch, weakest first; all others only have the switch. Source: the
 * provider's thinking-mode page.
 */
const EFFORTS: readonly [RegExp, readonly string[]][] = [
  [/^glm-5\.3/, ['low', 'high', 'max']],
  [/^glm-5\.2/, ['high', 'max']],
];
/** These versions always think: a request not to think gets the lowest effort. */
const ALWAYS = /^glm-5\.3/;
const SCALE = ['minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

/** Writes the reasoning effort in GLM's form: a switch, and a word only for models that accept one. */
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

/** Returns the weakest effort that is not weaker than requested, else the strongest. */
function nearest(asked: string, efforts: readonly string[] = SCALE): string | undefined {
  const wanted = SCALE.indexOf(asked === 'ultra' ? 'max' : asked);
  if (wanted < 0) return undefined;
  return efforts.find((effort) => SCALE.indexOf(effort) >= wanted) ?? efforts.at(-1);
}
