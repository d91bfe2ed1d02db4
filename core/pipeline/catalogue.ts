import { readdirSync } from 'node:fs';
import { GatewayError } from '../contract/errors.ts';
import type { Plugin } from '../contract/plugin.ts';
import type { Preset } from '../contract/preset.ts';
import type { CommandPlugins } from '../kit/command-plugins.ts';
import { didYouMean } from '../kit/did-you-mean.ts';
import type { RelayBasics } from '../kit/relay-basics.ts';
import { checkPlugin } from './check-plugin.ts';

type PluginFactory = (options?: never) => Plugin;
type PresetFactory = (options?: Partial<Preset>) => Preset;

/** Files of lists that presets share. They are no presets. */
const SHARED = /(^|-)basics$/;

export const pluginNames = (): string[] => namesIn('plugins');
export const presetNames = (): string[] => namesIn('presets').filter((name) => !SHARED.test(name));

/** Loads the factory of a plugin. Throws `config_invalid`, with the known names. */
export function findPlugin(name: string): Promise<PluginFactory> {
  return find<PluginFactory>('plugins', name, pluginNames());
}

/** Creates a plugin by name; its factory checks the options. Throws `config_invalid`, with the known names. */
export async function createPlugin(name: string, options?: unknown): Promise<Plugin> {
  return checkNamed((await findPlugin(name))(options as never), name, `plugins/${name}${extension}`);
}

/** A plugin of the catalogue. Throws `config_invalid` where it is not named as its file: no `disable` would find it. */
export function checkNamed(plugin: unknown, name: string, file: string): Plugin {
  const checked = checkPlugin(plugin, file);
  if (checked.name === name) return checked;
  throw new GatewayError('config_invalid', `${file}: its plugin is named "${checked.name}"; expected "${name}", as its file`);
}

/** Loads the factory of a preset. Throws `config_invalid`, with the known names. */
export function findPreset(name: string): Promise<PresetFactory> {
  return find<PresetFactory>('presets', name, presetNames());
}

/** Loads the facts that `tapline relay` needs. */
export function findRelayBasics(): Promise<() => RelayBasics> {
  return find<() => RelayBasics>('presets', 'relay-basics', ['relay-basics']);
}

/** The plugins behind the flags of commands. */
export async function commandPlugins(): Promise<CommandPlugins> {
  return (await find<() => CommandPlugins>('presets', 'command-basics', ['command-basics']))();
}

/** Every module of plugins and presets by its public name: `tapline/plugins/model-map`. */
export async function publicModules(): Promise<Record<string, unknown>> {
  const files = (['plugins', 'presets'] as const).flatMap((folder) => namesIn(folder).map((name) => [folder, name] as const));
  return Object.fromEntries(
    await Promise.all(files.map(async ([folder, name]) => [`tapline/${folder}/${name}`, await import(moduleOf(folder, name).href)] as const)),
  );
}

/** Imports the one factory of a file, named like the file. This is the core's only way to plugins and presets. */
async function find<Factory>(folder: 'plugins' | 'presets', name: string, names: readonly string[]): Promise<Factory> {
  if (!names.includes(name)) {
    throw new GatewayError('config_invalid', `there is no ${folder.slice(0, -1)} "${name}"${didYouMean(name, names)}; there are ${names.join(', ')}`, {
      param: name,
    });
  }
  return factoryIn(await import(moduleOf(folder, name).href), name, `${folder}/${name}${extension}`) as Factory;
}

/** The factory that a module exports. Throws `config_invalid`, naming the file, where it has another name or is none. */
export function factoryIn(module: Readonly<Record<string, unknown>>, name: string, file: string): unknown {
  const expected = name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const factory = module[expected];
  if (typeof factory === 'function') return factory;
  const names = Object.keys(module);
  throw new GatewayError('config_invalid', `${file}: expected it to export the function ${expected}; it exports ${names.join(', ') || 'nothing'}`);
}

const moduleOf = (folder: string, name: string): URL => new URL(`../../${folder}/${name}${extension}`, import.meta.url);

/** The sources run as they are; the published package is compiled. */
const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

function namesIn(folder: 'plugins' | 'presets'): string[] {
  const files = readdirSync(new URL(`../../${folder}/`, import.meta.url));
  return files
    .filter((file) => file.endsWith(extension))
    .map((file) => file.slice(0, -extension.length))
    .sort();
}
