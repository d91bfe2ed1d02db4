import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { GatewayError, messageOf } from '../contract/errors.ts';
import type { Plugin } from '../contract/plugin.ts';
import { didYouMean } from '../kit/did-you-mean.ts';
import { checkPlugin } from '../pipeline/check-plugin.ts';

type Exports = Readonly<Record<string, unknown>>;
type PluginFactory = (options?: unknown) => Plugin;

/**
 * The factory of the plugin in a file of a user's: its default export, else the one export that is a plugin or makes
 * one, else the one named after the file in camel case. Throws `config_invalid` with one line: file, line and column
 * where they are known, and what is wrong. What the factory returns is checked at each call.
 */
export async function loadPluginFile(named: string): Promise<PluginFactory> {
  const file = resolve(named);
  if (!existsSync(file)) throw invalid(`${file}: there is no such file${didYouMean(basename(file), filesBeside(file))}`);
  const found = findPlugin(file, await importFile(file));
  if (typeof found === 'function') return (options) => checkPlugin(found(options), file);
  const plugin = checkPlugin(found, file);
  return (options) => {
    if (options === undefined) return plugin;
    throw invalid(`${file}: it exports a plugin, which takes no options; export a function that returns it: (options) => ({ name: "${plugin.name}", … })`);
  };
}

async function importFile(file: string): Promise<Exports> {
  try {
    return await import(pathToFileURL(file).href);
  } catch (thrown) {
    throw invalid(`${whyNot(thrown, file)}`.replaceAll(/\s+/g, ' ').trim(), thrown);
  }
}

function whyNot(thrown: unknown, file: string): string {
  const message = messageOf(thrown);
  const { code } = thrown as NodeJS.ErrnoException;
  const missing = /^Cannot find (?:package|module) '([^']+)' imported from (.+)$/s.exec(message);
  if (missing) return `${inFile(missing[2] ?? file)}: it imports "${missing[1]}", which is not there`;
  const stack = thrown instanceof Error ? (thrown.stack ?? '') : '';
  if (!(thrown instanceof SyntaxError)) return `${frameOf(stack, file)}: it throws when it is loaded: ${message}`;
  const place = markedPlace(stack) ?? markedPlace(spawnSync(process.execPath, ['--check', file], { encoding: 'utf8' }).stderr) ?? file;
  if (message.includes('does not provide an export')) return `${place}: it imports something that is not there: ${message}`;
  return `${place}: it ${code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX' ? 'cannot be run as it is' : 'does not parse'}: ${message}`;
}

/**
 * Node shows a mistake above its stack: `file:line`, the line itself, maybe its neighbours, and a mark below the
 * column. V8 alone shows none for a module.
 */
function markedPlace(shown: string): string | undefined {
  const [, file, line, indent] = /^(\S.*):(\d+)\n(?:.*\n){1,3}?([ \t]*)\^/m.exec(shown) ?? [];
  return file && `${inFile(file)}:${line}:${(indent?.length ?? 0) + 1}`;
}

function frameOf(stack: string, file: string): string {
  const url = pathToFileURL(file).href;
  const frame = stack.split('\n').find((line) => line.includes(url)) ?? '';
  const [place] = /:\d+:\d+/.exec(frame.slice(frame.indexOf(url) + url.length)) ?? [''];
  return file + place;
}

function inFile(shown: string): string {
  return shown.startsWith('file:') ? fileURLToPath(shown) : shown;
}

function findPlugin(file: string, { default: preferred, 'module.exports': _, ...others }: Exports): PluginFactory | object {
  if (typeof preferred === 'function' || isNamed(preferred)) return preferred as PluginFactory;
  const candidates = Object.values(others).filter((value) => typeof value === 'function' || isNamed(value)) as (PluginFactory | object)[];
  const plugins = candidates.filter((value) => isNamed(typeof value === 'function' ? called(value as PluginFactory) : value));
  const own = others[camelCase(basename(file, extname(file)))] as PluginFactory | object;
  const found = (plugins.length === 1 && plugins[0]) || (candidates.includes(own) && own) || (candidates.length === 1 && candidates[0]);
  if (found) return found;
  const names = Object.keys(others);
  const has = plugins.length > 1 ? 'exports several plugins' : 'exports no plugin';
  throw invalid(
    `${file}: it ${has}; it exports ${names.join(', ') || 'nothing'}; expected a function that returns a plugin, as default or as "${camelCase(basename(file, extname(file)))}"`,
  );
}

/** What it makes without options; one that needs some is known by its name alone. */
function called(factory: PluginFactory): unknown {
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

function invalid(message: string, cause?: unknown): GatewayError {
  return new GatewayError('config_invalid', message, { cause });
}
