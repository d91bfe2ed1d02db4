import { dirname, resolve } from 'node:path';
import { GatewayError } from '../contract/errors.ts';
import type { Plugin, PluginOption } from '../contract/plugin.ts';
import type { Preset } from '../contract/preset.ts';
import { COMMIT_AFTER, type GatewayOptions, type ModelRoute } from '../gateway/create-gateway.ts';
import { createPlugin, findPreset } from '../pipeline/catalogue.ts';
import { PLUGIN_TIMEOUT } from '../pipeline/create-pipeline.ts';
import { flatten, providerOf } from '../pipeline/resolve-plugins.ts';
import { BODY_LIMIT } from '../server/app.ts';
import { type Access, isLoopback } from '../server/guards.ts';
import type { StoreChoice } from '../store/open-store.ts';
import { furnishPresets, type UpstreamFlags } from './choose-preset.ts';
import type { Config } from './define-config.ts';
import { readEnvironment } from './environment.ts';
import { type HistoryFlags, readHistory } from './history-settings.ts';
import { loadConfig, searchConfig } from './load-config.ts';
import { LOG_FORMATS, LOG_LEVELS } from './log.ts';
import { stateDirOf } from './state-dir.ts';

/** What commands take from the command line, as commander gives it. */
export interface Flags extends UpstreamFlags, HistoryFlags {
  /** A file; false for none; undefined searches the working directory. */
  config?: string | false | undefined;
  preset?: string | undefined;
  modelMap?: string | undefined;
  host?: string | undefined;
  port?: string | undefined;
  apiKey?: string | undefined;
  disable?: string[] | undefined;
  bodyLimit?: string | undefined;
  lane?: 'translated' | undefined;
  stateDir?: string | undefined;
  logLevel?: string | undefined;
  logFormat?: string | undefined;
}

/** All that a gateway needs to know: flag over environment over file over default. */
export interface Settings extends Required<Pick<GatewayOptions, 'plugins' | 'disable' | 'commitAfter' | 'secrets'>>, Pick<GatewayOptions, 'lane' | 'strict'> {
  /** The default one. */
  preset: Preset;
  presets: readonly [Preset, ...Preset[]];
  routes: readonly ModelRoute[];
  host: string;
  port: number;
  access: Access;
  bodyLimit: number;
  /** Milliseconds. */
  pluginTimeout: number;
  /** Absolute; undefined where there is no home for it. */
  stateDir: string | undefined;
  history: StoreChoice;
  log: { level: (typeof LOG_LEVELS)[number]; format: (typeof LOG_FORMATS)[number] };
  configFile: string | undefined;
  /** What the user should know before the first request. */
  notes: string[];
}

const PORT = 4891;
const SHORTEST_KEY = 16;

/** Throws `config_invalid`: one message that says what is wrong and what would be accepted. */
export async function readSettings(flags: Flags, folder = process.cwd(), variables = process.env): Promise<Settings> {
  const { config: named } = flags;
  const environment = await readEnvironment(named === false ? undefined : named ? dirname(resolve(folder, named)) : folder, variables);
  const found = named === false ? undefined : named ? await loadConfig(resolve(folder, named)) : await searchConfig(folder);
  const config: Config = found?.config ?? {};
  const { values } = environment;
  const notes: string[] = [];
  const plugins: PluginOption = [await resolveEntries(config.plugins ?? [], found?.file), flags.modelMap ? await mapModels(flags.modelMap) : false];
  const keyless = providerOf('client-keys', flatten(plugins, 'plugins'))?.name;
  const presets = furnishPresets(await choosePresets(flags, config, values, notes), { ...flags, keyless: keyless !== undefined }, environment, notes);
  const [preset] = presets;
  const namedState = flags.stateDir || values['TAPLINE_STATE_DIR'];
  const stateDir = namedState ? resolve(folder, namedState) : stateDirOf(values);
  const host = flags.host ?? config.listen?.host ?? '127.0.0.1';
  return {
    preset,
    presets,
    routes: config.routes ?? [],
    plugins,
    disable: [...(config.disable ?? []), ...(flags.disable ?? []).flatMap((names) => names.split(',')).filter(Boolean)],
    commitAfter: config.commitAfter ?? COMMIT_AFTER,
    pluginTimeout: config.pluginTimeout ?? PLUGIN_TIMEOUT,
    lane: flags.lane ?? config.lane,
    strict: config.strict ?? false,
    secrets: [...presets.map(({ apiKey }) => apiKey), flags.apiKey, values['TAPLINE_API_KEY']],
    host,
    port: readPort(flags.port, '--port') ?? readPort(values['PROXY_PORT'], 'PROXY_PORT') ?? config.listen?.port ?? preset.port ?? PORT,
    access: readAccess(host, flags.apiKey ?? values['TAPLINE_API_KEY'], keyless, preset, config, notes),
    bodyLimit: readBytes(flags.bodyLimit),
    stateDir,
    history: readHistory({ flags, values, config: config.history, configFile: found?.file, stateDir, folder, notes }),
    log: {
      level: readWord(flags.logLevel ?? values['LOG_LEVEL'], LOG_LEVELS, '--log-level / LOG_LEVEL') ?? config.log?.level ?? 'info',
      format: readWord(flags.logFormat, LOG_FORMATS, '--log-format') ?? config.log?.format ?? (process.stderr.isTTY ? 'text' : 'json'),
    },
    configFile: found?.file,
    notes,
  };
}

async function choosePresets({ preset, upstream }: Flags, config: Config, values: NodeJS.ProcessEnv, notes: string[]): Promise<[Preset, ...Preset[]]> {
  if (config.preset !== undefined && config.presets !== undefined) throw new GatewayError('config_invalid', 'preset, presets: only one of the two may be set');
  const [first, ...others] = preset?.split(',').filter(Boolean) ?? config.presets ?? (config.preset === undefined ? [] : [config.preset]);
  if (first !== undefined) return [await createPreset(first), ...(await Promise.all(others.map(createPreset)))];
  const name = upstream || values['TAPLINE_UPSTREAM'] ? 'openai-compatible' : 'demo';
  notes.push(`no preset is chosen: using "${name}"; choose one with --preset or in proxy.config.ts`);
  return [await createPreset(name)];
}

async function createPreset(named: NonNullable<Config['preset']>): Promise<Preset> {
  if (typeof named === 'string') return (await findPreset(named))();
  if (!Array.isArray(named)) return named as Preset;
  return (await findPreset(named[0] as string))(named[1] as Partial<Preset> | undefined);
}

/** A name, a name and its options, or what a script made: that is checked where it stands. */
async function resolveEntries(entries: readonly unknown[], file = 'plugins'): Promise<PluginOption> {
  const plugins = entries.map(async (entry, at): Promise<PluginOption> => {
    if (typeof entry === 'string') return createPlugin(entry);
    if (Array.isArray(entry) && typeof entry[0] === 'string') return createPlugin(entry[0], entry[1]);
    return flatten(entry, `${file}: plugins[${at}]`);
  });
  return Promise.all(plugins);
}

/** `a=b,c:d`, split at the first sign. */
async function mapModels(pairs: string): Promise<Plugin> {
  const models = Object.fromEntries(
    pairs.split(',').map((pair) => {
      const [, from, to] = /^\s*([^=:]+)[=:](.+?)\s*$/.exec(pair) ?? [];
      if (!from || !to) throw new GatewayError('config_invalid', `--model-map: "${pair}" is not a pair like gpt-5=other-model`);
      return [from, to];
    }),
  );
  return createPlugin('model-map', { models });
}

function readAccess(host: string, ownKey: string | undefined, keyless: string | undefined, preset: Preset, { listen = {} }: Config, notes: string[]): Access {
  const loopback = isLoopback(host);
  if (keyless && (ownKey || !loopback))
    throw new GatewayError(
      'config_invalid',
      `plugin "${keyless}": clients show the provider's key, so they can show none of the gateway's: leave --api-key out, and listen on loopback`,
    );
  const apiKey = ownKey || (loopback ? undefined : preset.apiKey);
  if (!loopback && !apiKey)
    throw new GatewayError('config_invalid', `host ${host} can be reached from other machines: give clients a key with TAPLINE_API_KEY or --api-key`);
  if (!loopback && !ownKey) notes.push("no --api-key is given: clients must show the provider's own key");
  if (apiKey && apiKey.length < SHORTEST_KEY) notes.push(`the client key is shorter than ${SHORTEST_KEY} characters: it can be guessed`);
  return { loopback, hosts: listen.hosts ?? [], origins: listen.origins ?? [], apiKey };
}

function readPort(told: string | undefined, where: string): number | undefined {
  if (told === undefined || told === '') return undefined;
  if (/^\d{1,5}$/.test(told) && Number(told) <= 65_535) return Number(told);
  throw new GatewayError('config_invalid', `${where}: "${told}" is not a port from 0 to 65535`);
}

/** Bytes, with k, m or g for powers of 1024. */
function readBytes(told: string | undefined): number {
  if (told === undefined) return BODY_LIMIT;
  const [, digits, unit = ''] = /^(\d+)\s*([kmg]?)(?:i?b)?$/i.exec(told) ?? [];
  const bytes = Number(digits) * 1024 ** ['', 'k', 'm', 'g'].indexOf(unit.toLowerCase());
  if (digits && bytes > 0 && Number.isSafeInteger(bytes)) return bytes;
  throw new GatewayError('config_invalid', `--body-limit: "${told}" is not a size like 33554432 or 32m`);
}

function readWord<Word extends string>(told: string | undefined, words: readonly Word[], where: string): Word | undefined {
  if (told === undefined || told === '') return undefined;
  const lower = told.toLowerCase() === 'warning' ? 'warn' : told.toLowerCase();
  const word = words.find((each) => each === lower);
  if (word) return word;
  throw new GatewayError('config_invalid', `${where}: "${told}" is not one of ${words.join(', ')}`);
}
