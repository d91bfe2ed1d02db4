import { basename } from 'node:path';
import { GatewayError } from '../contract/errors.ts';
import type { Plugin } from '../contract/plugin.ts';
import { checkPlugin } from '../pipeline/check-plugin.ts';
import { loadScript } from './load-script.ts';

export type CreatePlugin = (options?: unknown) => Plugin;

/**
 * What makes the plugin of a file: its default export, else the export named as the file in camel case, else the only
 * one that can be a plugin or its factory. Throws `config_invalid`, naming the file; so does what it returns where the
 * plugin's shape is wrong.
 */
export async function loadPluginFile(file: string): Promise<CreatePlugin> {
  const exported = await loadScript(file);
  const found = pluginIn(exported, file);
  return (options) => checkPlugin(typeof found === 'function' && !/^class\b/.test(String(found)) ? found(options) : found, file);
}

function pluginIn(exported: Record<string, unknown>, file: string): unknown {
  if (exported['default'] !== undefined) return exported['default'];
  if (typeof exported['name'] === 'string') return exported; // module.exports = { name: … }
  const name = basename(file)
    .replace(/\.\w+$/, '')
    .replaceAll(/[-.](\w)/g, (_, letter: string) => letter.toUpperCase());
  const candidates = Object.entries(exported).filter(([, value]) => typeof value === 'function' || isNamed(value));
  const [only, ...others] = candidates;
  if (exported[name] !== undefined) return exported[name];
  if (only && others.length === 0) return only[1];
  const names = candidates.map(([each]) => each).join(', ');
  throw new GatewayError(
    'config_invalid',
    only
      ? `${file}: which of its exports is the plugin? There are ${names}; make one the default export, or call it "${name}"`
      : `${file}: exports no plugin; export a function that returns one: export function ${name}() { return { name: '…', … }; }`,
  );
}

function isNamed(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof (value as Partial<Plugin>).name === 'string';
}
