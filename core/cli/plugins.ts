import { pluginNames } from '../catalogue.ts';
import { type Flags, readSettings } from '../config/settings.ts';
import type { Dialect } from '../exchange.ts';
import { handlersOf } from '../pipeline.ts';
import { resolvePlugins } from '../resolve-plugins.ts';

/** Prints the plugins there are, or those of the chosen preset in the order they run towards the provider. */
export async function listPlugins({ order, ...flags }: Flags & { order?: boolean }): Promise<void> {
  if (!order) return void process.stdout.write(`${pluginNames().join('\n')}\n`);
  const { preset, plugins, disable } = await readSettings({ ...flags, unserved: true });
  const dialect = (Object.keys(preset.endpoints)[0] ?? 'chat') as Dialect;
  const resolved = resolvePlugins({ preset: preset.name, listed: preset.plugins, added: plugins, disable });
  process.stdout.write(`preset ${preset.name}, upstream ${dialect}, translated lane; the way back runs in reverse\n`);
  for (const [at, plugin] of resolved.entries()) {
    const handlers = handlersOf(plugin, dialect, 'translated').join(', ') || 'idle here';
    process.stdout.write(`${String(at + 1).padStart(2)}  ${plugin.name.padEnd(24)}${handlers}\n`);
  }
}
