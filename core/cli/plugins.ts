import { type Flags, readSettings } from '../config/settings.ts';
import { DIALECTS, type Dialect, type Lane } from '../contract/dialect.ts';
import type { Plugin } from '../contract/plugin.ts';
import type { Preset } from '../contract/preset.ts';
import { pathFor } from '../gateway/provider.ts';
import { pluginNames } from '../pipeline/catalogue.ts';
import { handlersOf } from '../pipeline/create-pipeline.ts';
import { resolveForEach } from '../pipeline/resolve-plugins.ts';

/** Prints the names of all plugins, or the chosen preset's plugins in their order, for each path of a client's dialect. */
export async function listPlugins({ order, ...flags }: Flags & { order?: boolean }): Promise<void> {
  if (!order) return void process.stdout.write(`${pluginNames().join('\n')}\n`);
  const { presets, plugins, disable, lane } = await readSettings({ ...flags, inspectOnly: true });
  const lists = resolveForEach(presets, plugins, disable);
  for (const [at, preset] of presets.entries()) printOrder(preset, lists[at] ?? [], lane);
}

function printOrder(preset: Preset, resolved: readonly Plugin[], forced: Lane | undefined): void {
  const offered = Object.keys(preset.endpoints) as Dialect[];
  const ways = Map.groupBy(DIALECTS, (client) => JSON.stringify(pathFor(client, offered, preset, forced)));
  process.stdout.write(`preset ${preset.name}; the way back runs in reverse\n`);
  for (const [way, clients] of ways) {
    const { dialect, lane } = JSON.parse(way) as ReturnType<typeof pathFor>;
    process.stdout.write(`\nclients of ${clients.join(', ')}: ${lane} lane, upstream ${dialect}\n`);
    for (const [at, plugin] of resolved.entries()) {
      const handlers = handlersOf(plugin, dialect, lane).join(', ') || 'idle here';
      process.stdout.write(`${String(at + 1).padStart(2)}  ${plugin.name.padEnd(24)}${handlers}\n`);
    }
  }
}
