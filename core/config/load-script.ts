import { existsSync } from 'node:fs';
import { createJiti } from 'jiti';
import { GatewayError, messageOf } from '../contract/errors.ts';
import { didYouMean } from '../kit/did-you-mean.ts';
import { pluginNames, presetNames, publicModules } from '../pipeline/catalogue.ts';

/** The file endings of scripts. */
export const SCRIPT_EXTENSIONS = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'] as const;

/**
 * Loads a user's script and returns its exports, whatever the `"type"` of its folder. The script finds `tapline` even
 * without a `node_modules` beside it: it gets this process's own modules, because another copy would have another
 * GatewayError. Throws `config_invalid`, which names the file, and the line and column of a syntax error.
 */
export async function loadScript(file: string): Promise<Record<string, unknown>> {
  if (!existsSync(file)) throw invalid(`${file}: there is no such file`);
  // no cache on disk: a config may hold secrets
  const jiti = createJiti(file, {
    fsCache: false,
    moduleCache: false,
    interopDefault: false,
    virtualModules: { tapline: await import('./tapline.ts'), ...(await publicModules()) },
  });
  try {
    const loaded: unknown = await jiti.import(file);
    return typeof loaded === 'object' && loaded !== null ? { ...loaded } : { default: loaded };
  } catch (thrown) {
    throw invalid(reasonOf(thrown, file), thrown);
  }
}

function reasonOf(thrown: unknown, file: string): string {
  const message = messageOf(thrown);
  const [, words = '', place = '', line = '', column = ''] = /^ParseError: (.*?)\s*\n\s*(.*):(\d+):(\d+)\s*$/s.exec(message) ?? [];
  if (place !== '') return `${place}:${line}:${Number(column) + 1}: it does not parse: ${words}`;
  const [, missing = '', from = file] = /^Cannot find (?:module|package) '([^']+)'(?:.*?Require stack:\n- ([^\n]+))?/s.exec(message) ?? [];
  const [, folder = '', name = ''] = /^tapline\/(plugins|presets)\/(.+)$/.exec(missing) ?? [];
  if (folder !== '')
    return `${from}: it imports "${missing}": there is no ${folder.slice(0, -1)} "${name}"${didYouMean(name, folder === 'plugins' ? pluginNames() : presetNames())}`;
  if (missing !== '') return `${from}: it imports "${missing}", which cannot be found`;
  return `${placeOf(thrown, file)}: it throws when it is loaded: ${message.replaceAll(/\s+/g, ' ').trim()}`;
}

/** The file with the line and column of its frame in the stack. */
function placeOf(thrown: unknown, file: string): string {
  const stack = thrown instanceof Error ? (thrown.stack ?? '') : '';
  const frame = stack.split('\n').find((line) => line.includes(file)) ?? '';
  return file + (/^:\d+:\d+/.exec(frame.slice(frame.indexOf(file) + file.length))?.[0] ?? '');
}

function invalid(message: string, cause?: unknown): GatewayError {
  return new GatewayError('config_invalid', message, { cause });
}
