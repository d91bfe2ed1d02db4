import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { findPreset, presetNames } from '../pipeline/catalogue.ts';

/** Tapline's own variables. */
const NAMES = [
  'TAPLINE_UPSTREAM',
  'TAPLINE_UPSTREAM_KEY',
  'TAPLINE_API_KEY',
  'TAPLINE_STATE_DIR',
  'TAPLINE_HISTORY_STORE',
  'TAPLINE_HISTORY_DIR',
  'LOG_LEVEL',
  'PROXY_PORT',
] as const;

/** Variables, and the names of those from a `.env` file. */
export interface Environment {
  readonly values: NodeJS.ProcessEnv;
  readonly fromFile: ReadonlySet<string>;
}

/**
 * Adds a folder's `.env` to the process's environment: only Tapline's names and those of presets' keys and bases, and
 * only if they are not set yet. A foreign file can neither set NODE_OPTIONS nor replace a key.
 */
export async function readEnvironment(folder: string | undefined, values: NodeJS.ProcessEnv = process.env): Promise<Environment> {
  const file = folder === undefined ? undefined : join(folder, '.env');
  const fromFile = new Set<string>();
  if (!file || !existsSync(file)) return { values, fromFile };
  const known = await knownNames();
  for (const [name, value] of Object.entries(parseEnv(readFileSync(file, 'utf8')))) {
    if (!known.has(name) || values[name] !== undefined || value === undefined) continue;
    values[name] = value;
    fromFile.add(name);
  }
  return { values, fromFile };
}

async function knownNames(): Promise<ReadonlySet<string>> {
  const presets = await Promise.all(presetNames().map(async (name) => (await findPreset(name))()));
  return new Set([...NAMES, ...presets.flatMap(({ keyEnv = [], baseEnv = [] }) => [...keyEnv, ...baseEnv])]);
}
