import type { ModelFacts } from '../contract/facts.ts';
import type { Log } from '../contract/log.ts';
import type { Plugin } from '../contract/plugin.ts';
import { type Limits, within } from './limits.ts';
import { blame, isPromise, wrongReturn } from './plugin-faults.ts';

type Waiting = Pick<Limits, 'clock' | 'pluginTimeout'>;

/** Starts plugins in their order. When one fails, stops those that had started and rejects, naming the plugin. */
export async function startPlugins(plugins: readonly Plugin[], limits: Waiting, log: Log): Promise<void> {
  for (const [at, plugin] of plugins.entries()) {
    try {
      const result: unknown = plugin.start?.();
      if (isPromise(result)) await within(result, plugin, limits);
    } catch (thrown) {
      await stopPlugins(plugins.slice(0, at), limits, log);
      throw blame(plugin, 'start', thrown);
    }
  }
}

/** Stops all plugins. A failure of one is logged and does not keep the others running. */
export async function stopPlugins(plugins: readonly Plugin[], limits: Waiting, log: Log): Promise<void> {
  for (const plugin of plugins) {
    try {
      const result: unknown = plugin.stop?.();
      if (isPromise(result)) await within(result, plugin, limits);
    } catch (thrown) {
      const error = blame(plugin, 'stop', thrown);
      log.error({ err: error }, error.message);
    }
  }
}

/** Passes the models through all plugins. Rejects when one fails, unless the plugin says `onError: 'skip'`. */
export async function offerModels(models: readonly ModelFacts[], plugins: readonly Plugin[], limits: Waiting, log?: Log): Promise<readonly ModelFacts[]> {
  let offered = models;
  for (const plugin of plugins) {
    if (!plugin.models) continue;
    try {
      let result: unknown = plugin.models(offered);
      if (isPromise(result)) result = await within(result, plugin, limits);
      if (result === undefined) continue;
      if (!isModels(result)) throw wrongReturn(result, 'return a list of models, each with an "id", or nothing to leave it unchanged');
      offered = result;
    } catch (thrown) {
      const error = blame(plugin, 'models', thrown);
      if (plugin.onError !== 'skip' || error.code !== 'plugin_failed') throw error;
      log?.warn({ err: error, plugin: plugin.name }, error.message);
    }
  }
  return offered;
}

function isModels(value: unknown): value is readonly ModelFacts[] {
  return Array.isArray(value) && value.every((model: Partial<ModelFacts> | null | undefined) => typeof model?.id === 'string');
}
