import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cosmiconfig } from 'cosmiconfig';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { GatewayError, messageOf } from '../contract/errors.ts';
import { didYouMean } from '../kit/did-you-mean.ts';
import { Config } from './define-config.ts';
import { loadScript } from './load-script.ts';

export interface FoundConfig {
  config: z.output<typeof Config>;
  /** Absolute. */
  file: string;
}

const EXTENSIONS = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json', '.yaml', '.yml'] as const;
const PLACES = EXTENSIONS.map((extension) => `proxy.config${extension}`);
const FIELDS = Object.keys(Config.shape);
type Load = (file: string, content: string) => unknown;
const loadYaml: Load = (_, content) => parseYaml(content);
const LOADERS: Record<(typeof EXTENSIONS)[number], Load> = {
  '.ts': loadDefault,
  '.mts': loadDefault,
  '.cts': loadDefault,
  '.js': loadDefault,
  '.mjs': loadDefault,
  '.cjs': loadDefault,
  '.json': parseJson,
  '.yaml': loadYaml,
  '.yml': loadYaml,
};

/**
 * Loads the config file of a folder, if it has one. Throws `config_invalid`, which names file, field and the allowed
 * values; two configs in one folder are refused, too. One in a folder above is not read, and `notes` reports it.
 */
export async function searchConfig(folder: string, notes: string[] = []): Promise<FoundConfig | undefined> {
  const [first, second] = placesIn(folder);
  if (first && second) throw new GatewayError('config_invalid', `${first} and ${second}: there are two configs; keep one, or name it with --config`);
  if (!first) {
    const above = configAbove(folder);
    if (above) notes.push(`${above} is not read: it lies in a folder above; start there, or name it with --config`);
    return undefined;
  }
  const found = await guarded(first, () => createSearch().search(folder));
  return check(first, found?.config);
}

/** Loads the config file that the user named. Throws `config_invalid`. */
export async function loadConfig(named: string): Promise<FoundConfig> {
  const file = resolve(named);
  if (!existsSync(file)) throw new GatewayError('config_invalid', `${file}: there is no such file`);
  const loader = LOADERS[extname(file) as keyof typeof LOADERS];
  if (!loader) throw new GatewayError('config_invalid', `${file}: a config file ends in ${EXTENSIONS.join(', ')}`);
  return check(file, await guarded(file, async () => loader(file, readFileSync(file, 'utf8'))));
}

function placesIn(folder: string): string[] {
  return PLACES.map((place) => join(folder, place)).filter((file) => existsSync(file));
}

function configAbove(folder: string): string | undefined {
  const parent = dirname(folder);
  return parent === folder ? undefined : (placesIn(parent)[0] ?? configAbove(parent));
}

/** cosmiconfig runs `.config/config.*` of the working directory as its own settings, so it is created in this folder. */
function createSearch(): ReturnType<typeof cosmiconfig> {
  const before = process.cwd();
  process.chdir(fileURLToPath(new URL('.', import.meta.url)));
  try {
    // an empty file is a mistake
    return cosmiconfig('proxy', { searchPlaces: PLACES, searchStrategy: 'none', ignoreEmptySearchPlaces: false, loaders: LOADERS, cache: false });
  } finally {
    process.chdir(before);
  }
}

async function loadDefault(file: string): Promise<unknown> {
  const exported = await loadScript(file);
  if ('default' in exported) return exported['default'];
  if (Object.keys(exported).some((field) => FIELDS.includes(field))) return exported; // as in module.exports = { … }
  throw new GatewayError('config_invalid', `${file}: it has no default export; write: export default defineConfig({ … })`);
}

/** cosmiconfig's own loader does not name the place of a mistake. */
function parseJson(_: string, content: string): unknown {
  return JSON.parse(content);
}

async function guarded<Value>(file: string, load: () => Promise<Value>): Promise<Value> {
  try {
    return await load();
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw new GatewayError('config_invalid', `${file}: it cannot be read: ${messageOf(cause).replaceAll(/\s+/g, ' ').trim()}`, { cause });
  }
}

function check(file: string, config: unknown): FoundConfig {
  if (config === undefined || config === null) throw new GatewayError('config_invalid', `${file}: it is empty; allowed fields are ${FIELDS.join(', ')}`);
  const own =
    typeof config === 'object' &&
    (Object.keys(config).length === 0 || Object.keys(config).some((field) => FIELDS.includes(field) || didYouMean(field, FIELDS)));
  if (!own)
    throw new GatewayError('config_invalid', `${file}: this is no config of Tapline: a ${basename(file)} of Tapline is an object with ${FIELDS.join(', ')}`);
  const parsed = Config.safeParse(config);
  if (parsed.success) return { config: parsed.data, file };
  throw new GatewayError(
    'config_invalid',
    `${file}:\n${z.prettifyError({ issues: parsed.error.issues.map(withNearest) })}\nallowed fields are ${FIELDS.join(', ')}`,
  );
}

/** zod reports an unknown field, but not the nearest known one. */
function withNearest(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'unrecognized_keys') return issue;
  const fields = fieldsAt(issue.path);
  return { ...issue, message: `${issue.message}${issue.keys.map((key) => didYouMean(key, fields)).join('')}` };
}

function fieldsAt(path: readonly PropertyKey[]): string[] {
  let schema: unknown = Config;
  for (const step of path) schema = inner((shapeOf(schema) as Record<PropertyKey, unknown> | undefined)?.[step]);
  return Object.keys(shapeOf(schema) ?? {});
}

function shapeOf(schema: unknown): object | undefined {
  return schema instanceof z.ZodObject ? schema.shape : undefined;
}

function inner(schema: unknown): unknown {
  return schema instanceof z.ZodOptional ? schema.unwrap() : schema;
}
