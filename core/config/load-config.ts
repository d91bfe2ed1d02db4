import { existsSync, readFileSync } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { cosmiconfig, defaultLoaders } from 'cosmiconfig';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { GatewayError, messageOf } from '../contract/errors.ts';
import { Config } from './define-config.ts';

export interface FoundConfig {
  config: z.output<typeof Config>;
  /** Absolute. */
  file: string;
}

const EXTENSIONS = ['.ts', '.mts', '.js', '.mjs', '.json', '.yaml'] as const;
const PLACES = EXTENSIONS.map((extension) => `proxy.config${extension}`);
const importDefault = async (file: string): Promise<unknown> => (await import(pathToFileURL(file).href)).default;
const loadYaml = (_: string, content: string): unknown => parseYaml(content);
const LOADERS = {
  '.ts': importDefault,
  '.mts': importDefault,
  '.js': importDefault,
  '.mjs': importDefault,
  '.yaml': loadYaml,
  '.json': defaultLoaders['.json'],
};

/** The config file of a folder, if it has one. Throws `config_invalid`, naming file, field and what is allowed. */
export async function searchConfig(folder: string): Promise<FoundConfig | undefined> {
  const first = PLACES.map((place) => join(folder, place)).find(existsSync);
  if (!first) return undefined;
  const found = await guarded(first, () => createSearch().search(folder));
  return found ? check(found.filepath, found.config) : undefined;
}

/** A config file that was named. */
export async function loadConfig(named: string): Promise<FoundConfig> {
  const file = resolve(named);
  if (!existsSync(file)) throw new GatewayError('config_invalid', `${file}: there is no such file`);
  const loader = LOADERS[extname(file) as keyof typeof LOADERS];
  if (!loader) throw new GatewayError('config_invalid', `${file}: a config file ends in ${EXTENSIONS.join(', ')}`);
  return check(file, await guarded(file, async () => loader(file, readFileSync(file, 'utf8'))));
}

/** cosmiconfig runs `.config/config.*` of the working directory as its own settings: it is made where there is none of somebody else's. */
function createSearch(): ReturnType<typeof cosmiconfig> {
  const before = process.cwd();
  process.chdir(fileURLToPath(new URL('.', import.meta.url)));
  try {
    return cosmiconfig('proxy', { searchPlaces: PLACES, searchStrategy: 'none', loaders: LOADERS, cache: false });
  } finally {
    process.chdir(before);
  }
}

async function guarded<Value>(file: string, load: () => Promise<Value>): Promise<Value> {
  try {
    return await load();
  } catch (cause) {
    throw new GatewayError('config_invalid', `${file}: cannot be read: ${messageOf(cause).replaceAll(/\s+/g, ' ').trim()}`, { cause });
  }
}

function check(file: string, config: unknown): FoundConfig {
  const fields = Object.keys(Config.shape);
  const own =
    typeof config === 'object' && config !== null && (Object.keys(config).length === 0 || Object.keys(config).some((field) => fields.includes(field)));
  if (!own) throw new GatewayError('config_invalid', `${file}: this is not Tapline's: its ${basename(file)} exports an object with ${fields.join(', ')}`);
  const parsed = Config.safeParse(config);
  if (parsed.success) return { config: parsed.data, file };
  throw new GatewayError('config_invalid', `${file}:\n${z.prettifyError(parsed.error)}\nallowed are ${fields.join(', ')}`);
}
