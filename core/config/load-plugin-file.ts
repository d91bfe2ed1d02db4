import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import { GatewayError } from '../contract/errors.ts';
import type { Plugin } from '../contract/plugin.ts';
import { didYouMean } from '../kit/did-you-mean.ts';
import { checkPlugin } from '../pipeline/check-plugin.ts';
import { loadScript } from './load-script.ts';

type CreatePlugin = (options?: unknown) => Plugin;

/**
 * Returns the factory of the plugin in a user's file: its default export, else the only export that is a plugin or
 * makes one, else the one named after the file in camel case. Throws `config_invalid`, naming the file. Each call of
 * the factory checks what it returns.
 */
export async function loadPluginFile(named: string): Promise<CreatePlugin> {
  const file = resolve(named);
  if (!existsSync(file)) throw invalid(`${file}: there is no such file${didYouMean(basename(file), filesBeside(file))}`);
  const found = pluginIn(file, await loadScript(file));
  if (typeof found === 'function' && !/^class\b/.test(String(found))) return (options) => checkPlugin(found(options), file);
  const plugin = checkPlugin(found, file);
  return (options) => {
    if (options === undefined) return plugin;
    throw invalid(`${file}: it exports a plugin, which takes no options; export a function that returns it: (options) => ({ name: "${plugin.name}", … })`);
  };
}

function pluginIn(file: string, exported: Record<string, unknown>): CreatePlugin | object {
  const { default: preferred, ...others } = exported;
  if (preferred !== undefined) return preferred as CreatePlugin;
  if (typeof exported['name'] === 'string') return exported; // as in module.exports = { name: … }
  const candidates = Object.values(others).filter((value) => typeof value === 'function' || isNamed(value)) as (CreatePlugin | object)[];
  const plugins = candidates.filter((value) => isNamed(typeof value === 'function' ? called(value as CreatePlugin) : value));
  const name = camelCase(basename(file, extname(file)));
  const own = others[name] as CreatePlugin | object;
  const found = (plugins.length === 1 && plugins[0]) || (candidates.includes(own) && own) || (candidates.length === 1 && candidates[0]);
  if (found) return found;
  const names = Object.keys(others).join(', ') || 'nothing';
  throw invalid(
    `${file}: it exports ${plugins.length > 1 ? 'several plugins' : 'no plugin'}; it exports ${names}; expected a function that returns a plugin, as default or as "${name}"`,
  );
}

/** The plugin of a factory without options. A factory that needs some is found by its name. */
function called(factory: CreatePlugin): unknown {
  try {
    return factory();
  } catch {
    return undefined;
  }
}

function isNamed(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'name' in value;
}

function camelCase(name: string): string {
  return name.replaceAll(/[-_.](\w)/g, (_, letter: string) => letter.toUpperCase());
}

function filesBeside(file: string): string[] {
  const folder = dirname(file);
  return existsSync(folder) ? readdirSync(folder) : [];
}

function invalid(message: string): GatewayError {
  return new GatewayError('config_invalid', message);
}
