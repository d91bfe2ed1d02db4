import type { Plugin, PluginOption } from '../core/contract/plugin.ts';

/**
 * Adapts these plugins to a provider whose Responses API knows functions only: tools that are lowered for Chat and
 * Messages are lowered there too.
 */
export function functionBasics(plugins: PluginOption): PluginOption {
  return [plugins].flat(Number.POSITIVE_INFINITY as 1).map((plugin) => (plugin ? lowering(plugin as Plugin) : plugin));
}

function lowering(plugin: Plugin): Plugin {
  const dialects = [plugin.upstream ?? []].flat();
  return dialects.includes('chat') && dialects.includes('messages') ? { ...plugin, upstream: [...dialects, 'responses'] } : plugin;
}
