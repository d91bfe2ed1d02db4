import { dirname, resolve } from 'node:path';
import type { Plugin, PluginOption } from '../contract/plugin.ts';
import { commandPlugins, createPlugin } from '../pipeline/catalogue.ts';
import { flatten } from '../pipeline/resolve-plugins.ts';
import { loadPluginFile } from './load-plugin-file.ts';
import { SCRIPT_EXTENSIONS } from './load-script.ts';
import { invalidSetting } from './read-values.ts';

interface Sources {
  /** `plugins` of the config. */
  entries: readonly unknown[];
  /** The config file, if there is one. Paths of plugin files are relative to its folder. */
  configFile: string | undefined;
  /** Each `--plugin`: a file or a name. */
  named: readonly string[];
  /** `--model-map`. */
  modelMap: string | undefined;
  /** The working directory. */
  folder: string;
  notes: string[];
}

/** Reads and checks the user's own plugins. Throws `config_invalid`, which names file, place and field. */
export async function readPlugins({ entries, configFile, named, modelMap, folder, notes }: Sources): Promise<PluginOption> {
  const home = configFile === undefined ? folder : dirname(configFile);
  const configured = await Promise.all(entries.map((entry, at) => readEntry(entry, `${configFile ?? 'config'}: plugins[${at}]`, home)));
  const added = await Promise.all(named.map((name) => createNamed(name, undefined, folder)));
  for (const name of twice([...configured.flat(), ...added].map((plugin) => plugin.name))) {
    notes.push(`plugin "${name}" is listed twice, in the config or with --plugin: the last one is used`);
  }
  return [configured, added, modelMap ? await mapModels(modelMap) : false];
}

/** An entry is a name or a file, with or without options, or an object from a script. */
async function readEntry(entry: unknown, place: string, folder: string): Promise<Plugin[]> {
  if (typeof entry === 'string') return [await createNamed(entry, undefined, folder)];
  if (Array.isArray(entry) && typeof entry[0] === 'string') return [await createNamed(entry[0], entry[1], folder)];
  return flatten(entry, place);
}

async function createNamed(name: string, options: unknown, folder: string): Promise<Plugin> {
  return isFile(name) ? (await loadPluginFile(resolve(folder, name)))(options) : createPlugin(name, options);
}

/** A file has a slash or a known ending, like `./acme.ts`; a name has neither. */
export function isFile(name: string): boolean {
  return /[/\\]/.test(name) || SCRIPT_EXTENSIONS.some((extension) => name.endsWith(extension));
}

function twice(names: readonly string[]): Set<string> {
  return new Set(names.filter((name, at) => names.indexOf(name) !== at));
}

/** `a=b,c:d`, split at the first sign. */
async function mapModels(pairs: string): Promise<Plugin> {
  const models = Object.fromEntries(
    pairs.split(',').map((pair) => {
      const [, from, to] = /^\s*([^=:]+)[=:](.+?)\s*$/.exec(pair) ?? [];
      if (!from || !to) throw invalidSetting('--model-map', `"${pair}" is not a pair like gpt-5=other-model`);
      return [from, to];
    }),
  );
  return (await commandPlugins()).mapModels(models);
}
