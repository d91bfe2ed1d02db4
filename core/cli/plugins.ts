import { pluginNames } from '../catalogue.ts';
import { type Flags, readSettings } from '../config/settings.ts';
import { DIALECTS, type Dialect } from '../exchange.ts';
import { handlersOf } from '../pipeline.ts';
import { wayOf } from '../provider.ts';
import { resolvePlugins } from '../resolve-plugins.ts';

/** Prints the plugins there are, or those of the chosen preset in the order they run towards the provider, for each way a client's dialect may take. */
export async function listPlugins({ order, ...flags }: Flags & { order?: boolean }): Promise<void> {
  if (!order) return void process.stdout.write(`${pluginNames().join('\n')}\n`);
  const { preset, plugins, disable, lane: forced } = await readSettings({ ...flags, unserved: true });
  const resolved = resolvePlugins({ preset: preset.name, listed: preset.plugins, added: plugins, disable });
  const offered = Object.keys(preset.endpoints) as Dialect[];
  const ways = Map.groupBy(DIALECTS, (client) => JSON.stringify(wayOf(client, offered, forced)));
  process.stdout.write(`preset ${preset.name}; the way back runs in reverse\n`);
  for (const [way, clients] of ways) {
    const { dialect, lane } = JSON.parse(way) as ReturnType<typeof wayOf>;
    process.stdout.write(`\nclients of ${clients.join(', ')}: ${lane} lane, upstream ${dialect}\n`);
    for (const [at, plugin] of resolved.entries()) {
      const handlers = handlersOf(plugin, dialect, lane).join(', ') || 'idle here';
      process.stdout.write(`${String(at + 1).padStart(2)}  ${plugin.name.padEnd(24)}${handlers}\n`);
    }
  }
}
