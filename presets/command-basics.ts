import type { CommandPlugins } from '../core/kit/command-plugins.ts';
import { corpus } from '../plugins/corpus.ts';
import { modelMap } from '../plugins/model-map.ts';
import { rules as requestRules } from '../plugins/rules.ts';
import { toolDenylist } from '../plugins/tool-denylist.ts';

/** The plugins behind `--model-map` and behind the flags of `tapline relay`. */
export function commandBasics(): CommandPlugins {
  return {
    mapModels: (models) => modelMap({ models }),
    changeRequests: (rules) => requestRules({ rules: rules as never }),
    denyTools: (names) => toolDenylist({ names: [...names] }),
    recordTurns: (dir) => corpus({ dir }),
  };
}
