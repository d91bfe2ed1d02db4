import type { Plugin } from '../contract/plugin.ts';

/**
 * The plugins that flags of commands stand for: the core names none of them. `presets/command-basics.ts` has them.
 *
 * @example
 * commandPlugins.mapModels({ 'gpt-5': 'glm-5.1' }); // --model-map gpt-5=glm-5.1
 */
export interface CommandPlugins {
  /** Client's model → provider's model. */
  mapModels(models: Readonly<Record<string, string>>): Plugin;
  /** Changes to the provider's request, see the plugin `rules`. */
  changeRequests(rules: readonly object[]): Plugin;
  /** Names of tools that no model may call. */
  denyTools(names: readonly string[]): Plugin;
  /** The folder that takes every completed turn. */
  recordTurns(dir: string): Plugin;
}
