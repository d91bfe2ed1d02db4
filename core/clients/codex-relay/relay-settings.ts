import { z } from 'zod';
import { readSettings, type Settings } from '../../config/settings.ts';
import { GatewayError, messageOf } from '../../contract/errors.ts';
import type { Plugin } from '../../contract/plugin.ts';
import type { RelayBasics, RelayQuirk } from '../../kit/relay-basics.ts';
import { commandPlugins, createPlugin, findPreset, findRelayBasics, presetNames } from '../../pipeline/catalogue.ts';
import { resolvePlugins } from '../../pipeline/resolve-plugins.ts';
import { isLoopback } from '../../server/guards.ts';

/** The environment variables of codex-relay 0.5.8, by the name of the flag; some had no flag. */
const VARIABLES = {
  port: 'CODEX_RELAY_PORT',
  bind: 'CODEX_RELAY_BIND',
  upstream: 'CODEX_RELAY_UPSTREAM',
  apiKey: 'CODEX_RELAY_API_KEY',
  modelMap: 'CODEX_RELAY_MODEL_MAP',
  upstreamExtraParams: 'CODEX_RELAY_UPSTREAM_EXTRA_PARAMS',
  dropUpstreamParams: 'CODEX_RELAY_DROP_PARAMS',
  sessionTtlHours: 'CODEX_RELAY_SESSION_TTL_HOURS',
  maxSessions: 'CODEX_RELAY_MAX_SESSIONS',
  maxSessionMemoryMb: 'CODEX_RELAY_MAX_SESSION_MEMORY_MB',
  historyStore: 'CODEX_RELAY_HISTORY_STORE',
  historyDir: 'CODEX_RELAY_HISTORY_DIR',
  recordCorpus: 'CODEX_RELAY_RECORD_CORPUS',
  toolDenylist: 'CODEX_RELAY_TOOL_DENYLIST',
  disableQuirks: 'CODEX_RELAY_DISABLE_QUIRKS',
} as const;
type Values = { [name in keyof typeof VARIABLES]?: string | undefined };

/** The flags of `tapline relay`, as commander passes them. */
export interface RelayFlags extends Values {
  allowHttpUpstream?: boolean | undefined;
}

/** Tapline's own variables that a relay reads as well. */
const OURS = ['TAPLINE_API_KEY', 'TAPLINE_STATE_DIR', 'LOG_LEVEL', 'XDG_STATE_HOME', 'HOME', 'LOCALAPPDATA'] as const;
const DEFAULTS = { port: '4444', historyDir: '.codex-relay-history' };
/** codex-relay had no limit, and a session may hold many images. */
const BODY_LIMIT = '256m';
/** The preset of a provider without one of its own. */
const UNKNOWN = 'openai-compatible';

/** codex-relay's names of our flags, for error messages. */
const NAMES = {
  '--history-max-entries': '--max-sessions',
  '--history-max-mb': '--max-session-memory-mb',
  '--history-ttl-hours': '--session-ttl-hours',
  '--upstream-key': '--api-key',
};

/** Settings of a gateway that does what codex-relay did with these flags and variables. Throws `config_invalid`. */
export async function relaySettings(flags: RelayFlags, folder = process.cwd(), variables = process.env): Promise<Settings> {
  const values = Object.fromEntries(Object.entries(VARIABLES).map(([name, variable]) => [name, flags[name as keyof Values] || variables[variable]])) as Values;
  const basics = (await findRelayBasics())();
  const upstream = checkUpstream(values.upstream || basics.upstream, flags);
  const preset = await presetOf(upstream);
  const listed = resolvePlugins({ preset, listed: (await findPreset(preset))().plugins }).map(({ name }) => name);
  const { wanted, unwanted } = readQuirks(values.disableQuirks, basics);
  const mended = wanted.filter(({ plugin, rules }) => plugin && !rules && !listed.includes(plugin));
  const rules = rulesOf(values, preset === UNKNOWN ? wanted.flatMap((quirk) => quirk.rules ?? []) : []);
  const plugins = await pluginsOf(values, mended, rules);
  const settings = await readSettings(
    {
      config: false,
      preset,
      upstream,
      upstreamDialect: 'chat',
      upstreamKey: values.apiKey,
      inspectOnly: true, // codex-relay never required a key: local servers need none
      allowHttpUpstream: flags.allowHttpUpstream,
      modelMap: values.modelMap,
      host: values.bind || undefined,
      port: values.port || DEFAULTS.port,
      bodyLimit: BODY_LIMIT,
      disable: unwanted.flatMap(([, { plugin }]) => (plugin && listed.includes(plugin) ? plugin : [])),
      historyStore: values.historyStore,
      historyDir: values.historyStore?.toLowerCase() === 'disk' ? values.historyDir || DEFAULTS.historyDir : undefined,
      historyTtlHours: values.sessionTtlHours,
      historyMaxEntries: values.maxSessions,
      historyMaxMb: values.maxSessionMemoryMb,
      logLevel: variables['LOG_LEVEL'] ? undefined : levelOf(variables['RUST_LOG']),
    },
    folder,
    Object.fromEntries(OURS.flatMap((name) => (variables[name] ? [[name, variables[name]]] : []))),
  ).catch((thrown) => {
    throw inRelayWords(thrown);
  });
  for (const [name, { always }] of unwanted) if (always) settings.notes.push(`${name} cannot be switched off: ${always}`);
  return { ...settings, plugins: [settings.plugins, plugins] };
}

/** Gives an invalid setting the name that it had in codex-relay. */
function inRelayWords(thrown: unknown): unknown {
  if (!(thrown instanceof GatewayError)) return thrown;
  const { param = '' } = thrown.details;
  const name = NAMES[param as keyof typeof NAMES];
  return name && thrown.message.startsWith(param) ? thrown.with({ message: name + thrown.message.slice(param.length), param: name }) : thrown;
}

async function pluginsOf({ toolDenylist, recordCorpus }: Values, mended: readonly RelayQuirk[], rules: readonly object[]): Promise<Plugin[]> {
  const { changeRequests, denyTools, recordTurns } = await commandPlugins();
  return [
    ...(await Promise.all(mended.map(({ plugin = '' }) => createPlugin(plugin)))),
    ...(rules.length > 0 ? [changeRequests(rules)] : []),
    ...(toolDenylist ? [denyTools(namesIn(toolDenylist))] : []),
    ...(recordCorpus ? [recordTurns(recordCorpus)] : []),
  ];
}

/** Accepts https anywhere, and http on this machine. */
function checkUpstream(upstream: string, { allowHttpUpstream }: RelayFlags): string {
  const url = URL.canParse(upstream) ? new URL(upstream) : undefined;
  if (url && (url.search || url.hash)) {
    throw new GatewayError('config_invalid', '--upstream: the URL must not hold a query or a fragment; paths are put behind it');
  }
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && (allowHttpUpstream || isLoopback(url.hostname)))) return upstream;
  throw new GatewayError(
    'config_invalid',
    `--upstream: "${upstream}" is neither an https URL nor an http URL of this machine; --allow-http-upstream allows http elsewhere`,
  );
}

/** Finds the preset with the same host. */
async function presetOf(upstream: string): Promise<string> {
  const { host } = new URL(upstream);
  for (const name of presetNames()) {
    const { chat } = (await findPreset(name))().endpoints;
    if (chat && new URL(chat).host === host) return name;
  }
  return UNKNOWN;
}

function readQuirks(disabled = '', { quirks }: RelayBasics): { wanted: RelayQuirk[]; unwanted: [string, RelayQuirk][] } {
  const named = namesIn(disabled);
  const unknown = named.find((name) => !Object.hasOwn(quirks, name));
  if (unknown !== undefined)
    throw new GatewayError('config_invalid', `${VARIABLES.disableQuirks}: unknown quirk "${unknown}"; the quirks are ${Object.keys(quirks).join(', ')}`);
  const all = Object.entries(quirks);
  return { wanted: all.flatMap(([name, quirk]) => (named.includes(name) ? [] : quirk)), unwanted: all.filter(([name]) => named.includes(name)) };
}

function rulesOf({ upstreamExtraParams, dropUpstreamParams }: Values, mending: readonly object[]): object[] {
  const set = parse(upstreamExtraParams, '--upstream-extra-params', z.record(z.string(), z.unknown()), 'an object');
  const drop = parse(dropUpstreamParams, '--drop-upstream-params', z.array(z.string()), 'a list of names');
  return [...mending, ...(set || drop ? [{ drop, set }] : [])];
}

function parse<Value>(json: string | undefined, flag: string, schema: z.ZodType<Value>, expected: string): Value | undefined {
  if (json === undefined) return undefined;
  try {
    const value = JSON.parse(json) as Value;
    schema.parse(value);
    return value; // the schema's copy would lack `__proto__`, which a rule refuses
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? '' : `: ${messageOf(cause)}`;
    throw new GatewayError('config_invalid', `${flag}: "${json}" is not ${expected} in JSON${reason}`, { cause });
  }
}

const namesIn = (text: string): string[] => text.split(',').flatMap((name) => name.trim() || []);

/** The level in RUST_LOG, as in `info,codex_relay=debug`: the last for the relay, else the last for everything. */
function levelOf(directives = ''): string | undefined {
  const levels = directives.split(',').map((directive) => /^(?:(\w+)(?:::\w+)*=)?(\w+)$/.exec(directive.trim()));
  const found = levels.findLast((match) => match?.[1] === 'codex_relay') ?? levels.findLast((match) => match && match[1] === undefined);
  const level = found?.[2]?.toLowerCase();
  if (level === 'off') return 'silent';
  return ['trace', 'debug', 'info', 'warn', 'error'].find((each) => each === level);
}
