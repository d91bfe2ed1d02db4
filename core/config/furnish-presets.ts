import type { Dialect } from '../contract/dialect.ts';
import { GatewayError } from '../contract/errors.ts';
import type { Preset } from '../contract/preset.ts';
import { didYouMean } from '../kit/did-you-mean.ts';
import { isLoopback } from '../server/guards.ts';
import type { Environment } from './environment.ts';
import { invalidSetting } from './read-values.ts';

export interface UpstreamFlags {
  upstream?: string | undefined;
  upstreamDialect?: string | undefined;
  upstreamKey?: string | undefined;
  allowHttpUpstream?: boolean | undefined;
  /** The command only inspects: a key or an upstream may be missing. */
  inspectOnly?: boolean | undefined;
  /** Clients send the provider's keys. */
  keyless?: boolean | undefined;
}

const FLAGS = { upstream: '--upstream', upstreamDialect: '--upstream-dialect', upstreamKey: '--upstream-key' } as const;
/** The whole address of an endpoint: its base, and its path. */
const ENDPOINT = /^([^?#]*?)\/+(chat\/completions|responses|messages)\/*$/;
const OPTIONS = { upstream: 'endpoints', upstreamDialect: 'endpoints', upstreamKey: 'apiKey' } as const;
const DIALECTS: readonly string[] = ['chat', 'responses', 'messages'] satisfies Dialect[];

/**
 * Gives each preset its key and endpoints. If there are several, one without a key is skipped with a note. Settings for
 * a single preset are then refused as flags, and ignored as variables. Throws `config_invalid`.
 */
export function furnishPresets(presets: readonly Preset[], flags: UpstreamFlags, environment: Environment, notes: string[]): [Preset, ...Preset[]] {
  const [only, ...others] = presets;
  if (only && others.length === 0) return [furnishPreset(only, flags, environment, notes)];
  const flag = (['upstream', 'upstreamDialect', 'upstreamKey'] as const).find((name) => flags[name]);
  if (flag) throw invalidSetting(FLAGS[flag], `there are several presets; set "${OPTIONS[flag]}" of one of them in the config`);
  const values = { ...environment.values };
  for (const name of ['TAPLINE_UPSTREAM', 'TAPLINE_UPSTREAM_KEY']) {
    if (values[name]) notes.push(`${name} is ignored: there are several presets`);
    delete values[name];
  }
  const keyed = presets.filter((preset) => {
    const missing = preset.keyNeeded && !flags.inspectOnly && !flags.keyless && !findKey(preset, flags, { ...environment, values });
    if (missing) notes.push(`preset "${preset.name}" is skipped: it has no key; set ${(preset.keyEnv ?? []).join(' or ')}`);
    return !missing;
  });
  const [first, ...rest] = keyed.map((preset) => furnishPreset(preset, flags, { ...environment, values }, notes));
  if (first) return [first, ...rest];
  const variables = presets.flatMap(({ keyEnv = [] }) => keyEnv).join(', ');
  throw new GatewayError('config_invalid', `presets ${presets.map(({ name }) => name).join(', ')}: each needs a key; set one of ${variables}`);
}

/**
 * Returns the preset with the key and the endpoint from flags and environment; `notes` collects what the user should
 * know. Throws `config_invalid`.
 */
function furnishPreset(preset: Preset, flags: UpstreamFlags, environment: Environment, notes: string[]): Preset {
  const key = findKey(preset, flags, environment);
  const base = findBase(preset, flags, environment, key, notes);
  if (preset.keyNeeded && !key && !flags.inspectOnly && !flags.keyless) {
    throw new GatewayError('config_invalid', `preset "${preset.name}" needs a key: set ${(preset.keyEnv ?? []).join(' or ')}, or TAPLINE_UPSTREAM_KEY`);
  }
  const given = base === undefined ? preset.endpoints : { [dialectOf(preset, flags, base)]: checkBase(base, Boolean(key), flags) };
  const endpoints = Object.fromEntries(Object.entries(given).map(([dialect, each]) => [dialect, each && cutToBase(each, notes)]));
  if (Object.keys(endpoints).length === 0 && !preset.start && !flags.inspectOnly) {
    throw new GatewayError(
      'config_invalid',
      `preset "${preset.name}" has no address of a provider: give --upstream URL or set ${(preset.baseEnv ?? []).join(' or ')}`,
    );
  }
  return { ...preset, endpoints, ...(key && { apiKey: key.value }) };
}

interface Key {
  value: string;
  variable?: string;
}

function findKey(preset: Preset, { upstreamKey }: UpstreamFlags, { values }: Environment): Key | undefined {
  const from = (variable: string): Key | undefined => (values[variable] ? { value: values[variable], variable } : undefined);
  if (upstreamKey) return { value: upstreamKey };
  const named = from('TAPLINE_UPSTREAM_KEY');
  if (named) return named;
  if (preset.apiKey) return { value: preset.apiKey };
  return (preset.keyEnv ?? []).map(from).find((key) => key !== undefined);
}

/** A `.env` that somebody else wrote must not send the user's key to an address of theirs. */
function findBase(preset: Preset, { upstream }: UpstreamFlags, { values, fromFile }: Environment, key: Key | undefined, notes: string[]): string | undefined {
  if (upstream) return upstream;
  const variable = preset.baseEnv?.find((name) => values[name]);
  if (!variable) return undefined;
  if (fromFile.has(variable) && key && !(key.variable && fromFile.has(key.variable))) {
    notes.push(`${variable} of .env is ignored: the key does not come from the same file`);
    return undefined;
  }
  return completeBase(values[variable] ?? '', preset);
}

/** Servers and clients share some variables, like `OLLAMA_HOST=0.0.0.0:11434`. The preset's own base fills in the rest. */
function completeBase(value: string, { endpoints }: Preset): string {
  const [own] = Object.values(endpoints);
  const given = value.includes('://') ? value : `http://${value}`;
  if (own === undefined || !URL.canParse(given)) return value;
  const url = new URL(given);
  // an address to listen on is no address to send a request to
  if (url.hostname === '0.0.0.0' || url.hostname === '[::]') url.hostname = '127.0.0.1';
  if (url.pathname === '/') url.pathname = new URL(own).pathname;
  return url.href;
}

/** The dialect that is named, else that of the endpoint whose whole address is given, else the preset's first. */
function dialectOf({ endpoints }: Preset, { upstreamDialect }: UpstreamFlags, base: string): string {
  const [first = 'chat', ...others] = Object.keys(endpoints);
  if (upstreamDialect === undefined) {
    const [meant] = ENDPOINT.exec(base)?.[2]?.split('/') ?? [];
    return meant && (others.includes(meant) || Object.keys(endpoints).length === 0) ? meant : first;
  }
  if (DIALECTS.includes(upstreamDialect)) return upstreamDialect;
  throw invalidSetting('--upstream-dialect', `"${upstreamDialect}" is not one of ${DIALECTS.join(', ')}${didYouMean(upstreamDialect, DIALECTS)}`);
}

function checkBase(base: string, keySent: boolean, { allowHttpUpstream }: UpstreamFlags): string {
  const url = URL.canParse(base) ? new URL(base) : undefined;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw invalidSetting('upstream', `"${base.replace(/[?#].*/s, '…')}" is not an http or https URL`);
  if (url.username || url.password) throw invalidSetting('upstream', 'the URL must not hold a user name or password; set the key in TAPLINE_UPSTREAM_KEY');
  if (url.search || url.hash) {
    const found = url.search ? 'a query (?…)' : 'a fragment (#…)';
    throw invalidSetting('upstream', `the URL must not hold ${found}: a key in it would reach the log; set the key in TAPLINE_UPSTREAM_KEY`);
  }
  if (url.protocol === 'http:' && keySent && !isLoopback(url.hostname) && !allowHttpUpstream) {
    throw invalidSetting('upstream', `the key would travel unencrypted to ${url.host}; use https, or --allow-http-upstream`);
  }
  return base.replace(/\/+$/, '');
}

/** Many providers print the whole address of an endpoint where a base is meant. */
function cutToBase(address: string, notes: string[]): string {
  const [path, base] = ENDPOINT.exec(address) ?? [];
  if (path === undefined || base === undefined) return address;
  notes.push(`upstream: "${address}" is the address of an endpoint; its base ${base} is used`);
  return base;
}
