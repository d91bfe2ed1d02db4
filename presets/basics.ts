import type { PluginOption } from '../core/resolve-plugins.ts';
import { codexClient } from '../plugins/codex-client.ts';
import { compaction } from '../plugins/compaction.ts';
import { errorSanitizer } from '../plugins/error-sanitizer.ts';
import { history } from '../plugins/history.ts';
import { modelMap } from '../plugins/model-map.ts';
import { reasoningMemory } from '../plugins/reasoning-memory.ts';

interface Basics {
  /** What makes up for the provider's own accent. */
  accents?: PluginOption;
}

/** What every preset has, whichever dialect its provider speaks. */
export function basics({ accents }: Basics = {}): PluginOption {
  return [history(), reasoningMemory(), codexClient(), compaction(), modelMap(), accents, errorSanitizer()];
}
