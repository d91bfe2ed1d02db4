import type { Plugin, PluginOption } from '../core/contract/plugin.ts';
import { MODEL_FAMILIES } from '../core/kit/model-families.ts';
import { lateSystem } from '../plugins/late-system.ts';
import { toolSchema } from '../plugins/tool-schema.ts';

/**
 * The plugins of a preset for its provider's accent, and those that follow the name of a model behind any host. Where
 * the preset lists one of these itself, its own stays alone, in its place.
 */
export function modelBasics(own: PluginOption): PluginOption {
  const listed = new Set([own].flat(Number.POSITIVE_INFINITY as 1).map((plugin) => (plugin ? (plugin as Plugin).name : '')));
  const byModel = [
    // Templates of Qwen models refuse a late system message (issues vllm#41114, ollama#16372).
    lateSystem({ models: MODEL_FAMILIES.qwen }),
    // Providers refuse a schema that is no object with properties (issues opencodex#1105, rakazo#851), and Claude a
    // choice at its root (issue claude-code#40075).
    toolSchema({ root: MODEL_FAMILIES.claude }),
  ];
  return [own, byModel.filter(({ name }) => !listed.has(name))];
}
