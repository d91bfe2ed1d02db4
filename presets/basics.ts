import type { PluginOption } from '../core/contract/plugin.ts';
import { additionalTools } from '../plugins/additional-tools.ts';
import { agentMessages } from '../plugins/agent-messages.ts';
import { applyPatch } from '../plugins/apply-patch.ts';
import { argumentTypes } from '../plugins/argument-types.ts';
import { blankMessages } from '../plugins/blank-messages.ts';
import { callIds } from '../plugins/call-ids.ts';
import { callNames } from '../plugins/call-names.ts';
import { claudeCodeClient } from '../plugins/claude-code-client.ts';
import { codexClient } from '../plugins/codex-client.ts';
import { compaction } from '../plugins/compaction.ts';
import { compactionTrigger } from '../plugins/compaction-trigger.ts';
import { continueTurn } from '../plugins/continue-turn.ts';
import { customTools } from '../plugins/custom-tools.ts';
import { errorSanitizer } from '../plugins/error-sanitizer.ts';
import { history } from '../plugins/history.ts';
import { hostedTools } from '../plugins/hosted-tools.ts';
import { images } from '../plugins/images.ts';
import { jsonRepair } from '../plugins/json-repair.ts';
import { localShell } from '../plugins/local-shell.ts';
import { modelMap } from '../plugins/model-map.ts';
import { namespaces } from '../plugins/namespaces.ts';
import { reasoningEnvelope } from '../plugins/reasoning-envelope.ts';
import { reasoningMemory } from '../plugins/reasoning-memory.ts';
import { stopSequences } from '../plugins/stop-sequences.ts';
import { toolNames } from '../plugins/tool-names.ts';
import { toolSearch } from '../plugins/tool-search.ts';
import { modelBasics } from './model-basics.ts';

export interface Basics {
  /** Moves instructions and roles that a dialect has no place for, before tools are lowered. */
  instructions?: PluginOption;
  /** Handles the reasoning of a dialect in which it is plain text. */
  reasoning?: PluginOption;
  /** Repairs the model's own mistakes, before any other plugin reads the stream. */
  healing?: PluginOption;
  /** Completes the plain body of a dialect. */
  finish?: PluginOption;
  /** Handles the provider's own accent. */
  accents?: PluginOption;
}

/** The plugins of every preset, in the one order that works; each plugin knows which dialects it is for. */
export function basics({ instructions, reasoning, healing, finish, accents }: Basics = {}): PluginOption {
  return [
    history(),
    reasoningMemory(),
    codexClient(),
    claudeCodeClient(),
    callIds(),
    compactionTrigger(),
    compaction(),
    modelMap(),
    stopSequences(),
    images(),
    agentMessages(),
    additionalTools(),
    toolSearch(),
    blankMessages(),
    instructions,
    hostedTools(),
    namespaces(),
    applyPatch(),
    localShell(),
    customTools(),
    toolNames(),
    reasoningEnvelope(),
    reasoning,
    argumentTypes(),
    jsonRepair(),
    callNames(),
    healing,
    finish,
    continueTurn(),
    modelBasics(accents),
    errorSanitizer(),
  ];
}
