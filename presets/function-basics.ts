import type { Plugin, PluginOption } from '../core/contract/plugin.ts';

/**
 * The same plugins for a provider whose Responses knows functions only: what is lowered for Chat and Messages is
 * lowered there too.
 */
export function functionBasics(plugins: PluginOption): PluginOption {
  return [plugins].flat(Number.POSITIVE_INFINITY as 1).map((plugin) => (plugin ? lowering(plugin as Plugin) : plugin));
}

function lowering(plugin: Plugin): Plugin {
  const dialects = [plugin.upstream ?? []].flat();
  return dialects.includes('chat') && dialects.includes('messages') ? { ...plugin, upstream: [...dialects, 'responses'] } : plugin;
}
