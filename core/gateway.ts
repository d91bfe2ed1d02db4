import { type Clock, systemClock } from './clock.ts';
import { ChatUpstream } from './dialects/chat/upstream.ts';
import type { FrontDoor } from './dialects/front-door.ts';
import { responsesFrontDoor } from './dialects/responses/front-door.ts';
import { GatewayError } from './errors.ts';
import type { Dialect, Lane } from './exchange.ts';
import { createRedactor, type Log } from './log.ts';
import { createPipeline, type Pipeline } from './pipeline.ts';
import type { Plugin } from './plugin.ts';
import type { Endpoints, ModelFacts, Preset } from './preset.ts';
import { type PluginOption, resolvePlugins } from './resolve-plugins.ts';
import { HttpClient } from './upstreams/http.ts';
import type { Upstream } from './upstreams/upstream.ts';

export interface GatewayOptions {
  preset: Preset;
  /** A user's own, see `resolvePlugins`. */
  plugins?: PluginOption;
  disable?: readonly string[];
  log: Log;
  clock?: Clock;
  /** Milliseconds a streaming client waits for the provider's status before it is given 200. */
  commitAfter?: number;
  /** Values that must not reach a log or an answer. */
  secrets?: readonly (string | undefined)[];
}

export interface Gateway {
  readonly preset: Preset;
  readonly plugins: readonly Plugin[];
  readonly dialect: Dialect;
  readonly lane: Lane;
  readonly pipeline: Pipeline;
  readonly upstream: Upstream;
  readonly doors: readonly FrontDoor[];
  readonly clock: Clock;
  readonly log: Log;
  readonly commitAfter: number;
  /** The base of the provider's API. */
  readonly base: string;
  readonly url: URL;
  readonly authorization: Record<string, string>;
  readonly redact: (text: string) => string;
  /** What the provider offers, else what the preset knows of; at most `MODELS_WITHIN` milliseconds. */
  models(): Promise<readonly ModelFacts[]>;
  stop(): Promise<void>;
}

export const COMMIT_AFTER = 2_000;
const MODELS_WITHIN = 4_000;
/** An upstream for each dialect it can be asked in. */
const UPSTREAMS = { chat: { path: '/chat/completions', create: ChatUpstream } } as const;

/** Starts a preset and compiles its pipeline. Throws an Error that says what is wrong with the choice. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { preset, log, clock = systemClock, commitAfter = COMMIT_AFTER } = options;
  const plugins = resolvePlugins({ preset: preset.name, listed: preset.plugins, added: options.plugins, disable: options.disable ?? [] });
  for (const plugin of plugins) await plugin.start?.();
  const { dialect, base } = endpointOf(preset, (await preset.start?.()) ?? preset.endpoints);
  const { path, create } = UPSTREAMS[dialect];
  const lane: Lane = 'translated';
  const pipeline = createPipeline(plugins, dialect, lane);
  const authorization = authorizationOf(preset);
  const http = new HttpClient(clock, preset.timeouts);
  const upstream: Upstream = new create({ pipeline, http, clock, retries: preset.retries, commitAfter, base, authorization });
  return {
    preset,
    plugins,
    dialect,
    lane,
    pipeline,
    upstream,
    doors: [responsesFrontDoor],
    clock,
    log,
    commitAfter,
    base,
    url: new URL(base + path),
    authorization,
    redact: createRedactor([preset.apiKey, ...(options.secrets ?? [])]),
    models: () => listModels(preset, plugins, upstream, clock),
    async stop() {
      await upstream.close();
      await preset.stop?.();
      for (const plugin of plugins) await plugin.stop?.();
    },
  };
}

function endpointOf({ name }: Preset, endpoints: Endpoints): { dialect: keyof typeof UPSTREAMS; base: string } {
  for (const dialect of Object.keys(UPSTREAMS) as (keyof typeof UPSTREAMS)[]) {
    const base = endpoints[dialect];
    if (base !== undefined) return { dialect, base: base.replace(/\/+$/, '') };
  }
  const known = Object.keys(UPSTREAMS).join(', ');
  throw new GatewayError('config_invalid', `preset "${name}" has no endpoint in a dialect this version can ask (${known}); give one with --upstream`);
}

function authorizationOf({ auth = 'bearer', apiKey }: Preset): Record<string, string> {
  if (!apiKey) return {};
  return auth === 'bearer' ? { authorization: `Bearer ${apiKey}` } : { 'x-api-key': apiKey };
}

async function listModels(preset: Preset, plugins: readonly Plugin[], upstream: Upstream, clock: Clock): Promise<readonly ModelFacts[]> {
  const late = new AbortController();
  const timer = clock.after(MODELS_WITHIN, () => late.abort());
  const listed = await upstream.models(late.signal).catch(() => undefined);
  timer.stop();
  let models: readonly ModelFacts[] = listed?.length ? listed.map((told) => ({ ...preset.models.find(({ id }) => id === told.id), ...told })) : preset.models;
  for (const plugin of plugins) models = (await plugin.models?.(models)) ?? models;
  return models;
}
