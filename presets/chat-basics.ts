import type { Plugin } from '../core/plugin.ts';
import type { PluginOption } from '../core/resolve-plugins.ts';
import { additionalTools } from '../plugins/additional-tools.ts';
import { agentMessages } from '../plugins/agent-messages.ts';
import { applyPatch } from '../plugins/apply-patch.ts';
import { blankMessages } from '../plugins/blank-messages.ts';
import { codexClient } from '../plugins/codex-client.ts';
import { compaction } from '../plugins/compaction.ts';
import { customTools } from '../plugins/custom-tools.ts';
import { developerToSystem } from '../plugins/developer-to-system.ts';
import { errorSanitizer } from '../plugins/error-sanitizer.ts';
import { history } from '../plugins/history.ts';
import { hostedTools } from '../plugins/hosted-tools.ts';
import { images } from '../plugins/images.ts';
import { instructionsToSystem } from '../plugins/instructions-to-system.ts';
import { integerArguments } from '../plugins/integer-arguments.ts';
import { jsonRepair } from '../plugins/json-repair.ts';
import { localShell } from '../plugins/local-shell.ts';
import { modelMap } from '../plugins/model-map.ts';
import { namespaces } from '../plugins/namespaces.ts';
import { parallelCalls } from '../plugins/parallel-calls.ts';
import { reasoningMemory } from '../plugins/reasoning-memory.ts';
import { toolNames } from '../plugins/tool-names.ts';
import { toolSearch } from '../plugins/tool-search.ts';
import { toolShape } from '../plugins/tool-shape.ts';

interface ChatBasics {
  /** `reasoning-content` or `reasoning-strip`. */
  reasoning: Plugin;
  /** What mends the model's own slips, nearest to the provider of all that read the stream. */
  healing?: PluginOption;
  /** What makes up for the provider's own accent. */
  accents?: PluginOption;
}

/** What no Chat server can be trusted with, lowered in the one order that works. */
export function chatBasics({ reasoning, healing, accents }: ChatBasics): PluginOption {
  return [
    history(),
    reasoningMemory(),
    codexClient(),
    compaction(),
    modelMap(),
    images(),
    agentMessages(),
    additionalTools(),
    toolSearch(),
    blankMessages(),
    instructionsToSystem(),
    developerToSystem(),
    hostedTools(),
    namespaces(),
    applyPatch(),
    localShell(),
    customTools(),
    toolNames(),
    reasoning,
    integerArguments(),
    jsonRepair(),
    healing,
    parallelCalls(),
    toolShape(),
    accents,
    errorSanitizer(),
  ];
}
