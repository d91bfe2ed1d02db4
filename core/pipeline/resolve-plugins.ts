import { GatewayError } from '../contract/errors.ts';
import type { Capability, Plugin, PluginOption } from '../contract/plugin.ts';
import type { Preset } from '../contract/preset.ts';
import { didYouMean } from '../kit/did-you-mean.ts';
import { checkPlugin } from './check-plugin.ts';

interface Choice {
  preset: string;
  listed: PluginOption;
  /** The user's own. A known name replaces the plugin in its place, a new one is added. */
  added?: PluginOption;
  /** Names of plugins, or `preset/name`. */
  disable?: readonly string[];
}

/**
 * Lists the plugins to run, in order. The last plugin of a name wins, in the place of the first. `before` moves a
 * plugin before another, `disable` removes one. Throws `config_invalid` for anything but a plugin, and for a name that
 * no plugin has.
 */
export function resolvePlugins({ preset, listed, added, disable = [] }: Choice): Plugin[] {
  const plugins = [...new Map(flatten(listed, `preset "${preset}": plugins`).map((plugin) => [plugin.name, plugin])).values()];
  for (const plugin of flatten(added, 'plugins')) {
    const known = plugins.findIndex(({ name }) => name === plugin.name);
    if (known >= 0) plugins[known] = plugin;
    else plugins.splice(plugin.place === 'last' ? plugins.length : lastOf(plugins), 0, plugin);
  }
  const ordered = [...plugins];
  for (const plugin of plugins) {
    if (plugin.before === undefined) continue;
    ordered.splice(indexOf(plugin.name, ordered, ''), 1);
    ordered.splice(indexOf(plugin.before, ordered, `plugin "${plugin.name}": before`), 0, plugin);
  }
  for (const disabled of disable) {
    const name = disabled.startsWith(`${preset}/`) ? disabled.slice(preset.length + 1) : disabled;
    ordered.splice(indexOf(name, ordered, 'disable'), 1);
  }
  return ordered;
}

/** Finds the plugin that provides a capability. */
export function providerOf(capability: Capability, plugins: readonly Plugin[]): Plugin | undefined {
  return plugins.find((plugin) => [plugin.provides ?? []].flat().includes(capability));
}

/** The index of the first plugin that stays after those that a user adds. */
function lastOf(plugins: readonly Plugin[]): number {
  return plugins.findLastIndex(({ place }) => place !== 'last') + 1;
}

/** Flattens a list of plugins, and checks each. Errors name its position, like `plugins[2][0]`. */
export function flatten(option: unknown, place: string): Plugin[] {
  if (option === undefined || option === null || option === false) return [];
  return Array.isArray(option) ? option.flatMap((each, at) => flatten(each, `${place}[${at}]`)) : [checkPlugin(option, place)];
}

function indexOf(name: string, plugins: readonly Plugin[], asker: string): number {
  const index = plugins.findIndex((plugin) => plugin.name === name);
  if (index >= 0) return index;
  const names = plugins.map((plugin) => plugin.name);
  throw new GatewayError('config_invalid', `${asker}: there is no plugin "${name}"${didYouMean(name, names)}; there are ${names.join(', ')}`);
}

/** Resolves the list of each preset. `disable` names a plugin of any of them, or `preset/plugin` of one. */
export function resolveForEach(presets: readonly Preset[], added: PluginOption, disable: readonly string[]): Plugin[][] {
  const names = presets.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice) throw new GatewayError('config_invalid', `preset "${twice}" is listed twice: give one of them another name`);
  const own = (preset: string) => disable.flatMap((name) => (name.startsWith(`${preset}/`) ? name.slice(preset.length + 1) : []));
  const common = disable.filter((name) => !names.some((preset) => name.startsWith(`${preset}/`)));
  const known = presets.map(({ name, plugins }) => new Set(resolvePlugins({ preset: name, listed: plugins, added }).map((plugin) => plugin.name)));
  return presets.map(({ name, plugins }, at) => {
    // a plugin of some presets may be disabled for all; one that no preset has is a mistake
    const here = common.filter((plugin) => known[at]?.has(plugin) || !known.some((names) => names.has(plugin)));
    return resolvePlugins({ preset: name, listed: plugins, added, disable: [...here, ...own(name)] });
  });
}
