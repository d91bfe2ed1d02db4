import { dirname, resolve } from 'node:path';
import type { PluginOption } from '../contract/plugin.ts';
import type { Preset } from '../contract/preset.ts';
import { COMMIT_AFTER, type GatewayOptions, type ModelRoute } from '../gateway/create-gateway.ts';
import { PLUGIN_TIMEOUT } from '../pipeline/create-pipeline.ts';
import { flatten, providerOf } from '../pipeline/resolve-plugins.ts';
import { BODY_LIMIT } from '../server/app.ts';
import type { Access } from '../server/guards.ts';
import type { StoreChoice } from '../store/open-store.ts';
import { choosePresets } from './choose-presets.ts';
import type { Config } from './define-config.ts';
import { readEnvironment } from './environment.ts';
import { furnishPresets, type UpstreamFlags } from './furnish-presets.ts';
import { type HistoryFlags, readHistory } from './history-settings.ts';
import { loadConfig, searchConfig } from './load-config.ts';
import { LOG_FORMATS, LOG_LEVELS } from './log.ts';
import { readAccess } from './read-access.ts';
import { readPlugins } from './read-plugins.ts';
import { readBytes, readPort, readWord } from './read-values.ts';
import { stateDirOf } from './state-dir.ts';

/** The flags of the commands, as commander parses them. */
export interface Flags extends UpstreamFlags, HistoryFlags {
  /** A file; false for none; undefined to search the working directory. */
  config?: string | false | undefined;
  preset?: string | undefined;
  /** Names or files of plugins. */
  plugin?: string[] | undefined;
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

/** The settings of a gateway: flag over environment over file over default. */
export interface Settings extends Required<Pick<GatewayOptions, 'disable' | 'commitAfter' | 'secrets'>>, Pick<GatewayOptions, 'lane' | 'strict'> {
  /** The default preset. */
  preset: Preset;
  plugins: PluginOption;
  presets: readonly [Preset, ...Preset[]];
  routes: readonly ModelRoute[];
  host: string;
  port: number;
  access: Access;
  bodyLimit: number;
  /** Milliseconds. */
  pluginTimeout: number;
  /** Absolute; undefined if the user has no home folder. */
  stateDir: string | undefined;
  history: StoreChoice;
  log: { level: (typeof LOG_LEVELS)[number]; format: (typeof LOG_FORMATS)[number] };
  configFile: string | undefined;
  /** Notices for the user at start. */
  notes: string[];
}

const PORT = 4891;

/** Reads all settings. Throws `config_invalid`, with a message that names the mistake and the accepted values. */
export async function readSettings(flags: Flags, folder = process.cwd(), variables = process.env): Promise<Settings> {
  const notes: string[] = [];
  const { config: named } = flags;
  const environment = await readEnvironment(named === false ? undefined : named ? dirname(resolve(folder, named)) : folder, variables);
  const found = named === false ? undefined : named ? await loadConfig(resolve(folder, named)) : await searchConfig(folder, notes);
  const config: Config = found?.config ?? {};
  const { values } = environment;
  const configFile = found?.file;
  const plugins = await readPlugins({ entries: config.plugins ?? [], configFile, named: flags.plugin ?? [], modelMap: flags.modelMap, folder, notes });
  const keyPlugin = providerOf('client-keys', flatten(plugins, 'plugins'))?.name;
  const hasUpstream = Boolean(flags.upstream || values['TAPLINE_UPSTREAM']);
  const chosen = await choosePresets({ named: flags.preset, config, hasUpstream, notes });
  const presets = furnishPresets(chosen, { ...flags, keyless: keyPlugin !== undefined }, environment, notes);
  const [preset] = presets;
  const stateDir = readStateDir(flags, values, folder);
  const host = flags.host ?? config.listen?.host ?? '127.0.0.1';
  const clientKey = flags.apiKey ?? values['TAPLINE_API_KEY'];
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
    access: readAccess({ host, clientKey, keyPlugin, preset, config, notes }),
    bodyLimit: readBytes(flags.bodyLimit, '--body-limit') ?? BODY_LIMIT,
    stateDir,
    history: readHistory({ flags, values, config: config.history, configFile, stateDir, folder, notes }),
    log: readLog(flags, values, config),
    configFile,
    notes,
  };
}

function readStateDir({ stateDir }: Flags, values: NodeJS.ProcessEnv, folder: string): string | undefined {
  const named = stateDir || values['TAPLINE_STATE_DIR'];
  return named ? resolve(folder, named) : stateDirOf(values);
}

function readLog(flags: Flags, values: NodeJS.ProcessEnv, { log }: Config): Settings['log'] {
  const level = readWord(flags.logLevel, LOG_LEVELS, '--log-level') ?? readWord(values['LOG_LEVEL'], LOG_LEVELS, 'LOG_LEVEL');
  const format = readWord(flags.logFormat, LOG_FORMATS, '--log-format');
  return { level: level ?? log?.level ?? 'info', format: format ?? log?.format ?? (process.stderr.isTTY ? 'text' : 'json') };
}
