import { type Clock, systemClock } from './clock.ts';
import { chatCodec } from './dialects/chat/codec.ts';
import { chatFrontDoor } from './dialects/chat/front-door.ts';
import type { Codec } from './dialects/codec.ts';
import type { FrontDoor } from './dialects/front-door.ts';
import { messagesCodec } from './dialects/messages/codec.ts';
import { messagesFrontDoor } from './dialects/messages/front-door.ts';
import { responsesCodec } from './dialects/responses/codec.ts';
import { compactDoor } from './dialects/responses/compact-door.ts';
import { responsesFrontDoor } from './dialects/responses/front-door.ts';
import { GatewayError } from './errors.ts';
import type { Dialect, Lane } from './exchange.ts';
import { createRedactor, type Log } from './log.ts';
import { createPipeline, type Pipeline } from './pipeline.ts';
import type { Plugin } from './plugin.ts';
import type { Endpoints, ModelFacts, Preset } from './preset.ts';
import { type PluginOption, resolvePlugins } from './resolve-plugins.ts';
import { MemoryStore } from './store/memory-store.ts';
import type { Store } from './store/store.ts';
import { HttpClient } from './upstreams/http.ts';
import { HttpUpstream } from './upstreams/http-upstream.ts';
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
  /** `translated`: through the canonical form, also where the provider speaks the client's dialect. */
  lane?: 'translated' | undefined;
  /** Whether what a request would lose on its way is refused in place of warned about. */
  strict?: boolean;
  /** What is kept across exchanges; in memory unless one is given. */
  store?: Store;
}

interface Endpoint {
  codec: Codec;
  base: string;
}

/** The way of a client's dialect to the provider: compiled once. */
export interface Path {
  /** The provider's. */
  readonly dialect: Dialect;
  readonly lane: Lane;
  readonly pipeline: Pipeline;
  readonly upstream: Upstream;
  /** Without a trailing slash. */
  readonly base: string;
  readonly url: URL;
}

export interface Gateway {
  readonly preset: Preset;
  readonly plugins: readonly Plugin[];
  /** By the client's dialect. */
  readonly paths: Readonly<Record<Dialect, Path>>;
  readonly strict: boolean;
  readonly store: Store;
  readonly doors: readonly FrontDoor[];
  readonly clock: Clock;
  readonly log: Log;
  readonly commitAfter: number;
  /** The base of the provider's API. */
  readonly base: string;
  readonly authorization: Record<string, string>;
  readonly redact: (text: string) => string;
  /** What the provider offers, else what the preset knows of; at most `MODELS_WITHIN` milliseconds. */
  models(): Promise<readonly ModelFacts[]>;
  stop(): Promise<void>;
}

export const COMMIT_AFTER = 2_000;
const MODELS_WITHIN = 4_000;
const CODECS: { readonly [dialect in Dialect]?: Codec } = { chat: chatCodec as Codec, responses: responsesCodec as Codec, messages: messagesCodec as Codec };

/** Starts a preset and compiles its pipelines. Throws an Error that says what is wrong with the choice. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { preset, log, clock = systemClock, commitAfter = COMMIT_AFTER, store = new MemoryStore(clock) } = options;
  const plugins = resolvePlugins({ preset: preset.name, listed: preset.plugins, added: options.plugins, disable: options.disable ?? [] });
  for (const plugin of plugins) await plugin.start?.();
  const endpoints = endpointsOf(preset, (await preset.start?.()) ?? preset.endpoints);
  const authorization = authorizationOf(preset);
  const http = new HttpClient(clock, preset.timeouts);
  const build = ({ codec, base }: Endpoint, lane: Lane): Path => {
    const pipeline = createPipeline(plugins, codec.dialect, lane);
    const upstream = new HttpUpstream({ codec, pipeline, http, clock, retries: preset.retries, commitAfter, base, authorization });
    return { dialect: codec.dialect, lane, pipeline, upstream, base, url: new URL(base + codec.path) };
  };
  const [first] = endpoints;
  const translated = build(first, 'translated');
  const pathOf = (client: Dialect): Path => {
    const { lane } = wayOf(
      client,
      endpoints.map(({ codec }) => codec.dialect),
      options.lane,
    );
    return lane === 'native' ? build(endpoints.find(({ codec }) => codec.dialect === client) as Endpoint, lane) : translated;
  };
  return {
    preset,
    plugins,
    paths: { responses: pathOf('responses'), chat: pathOf('chat'), messages: pathOf('messages') },
    strict: options.strict ?? false,
    store,
    doors: [responsesFrontDoor, chatFrontDoor, messagesFrontDoor, compactDoor],
    clock,
    log,
    commitAfter,
    base: first.base,
    authorization,
    redact: createRedactor([preset.apiKey, ...(options.secrets ?? [])]),
    models: () => listModels(preset, plugins, translated.upstream, clock),
    async stop() {
      await http.close();
      await preset.stop?.();
      for (const plugin of plugins) await plugin.stop?.();
      await store.close();
    },
  };
}

/** How a client's dialect gets to a provider that offers these, in its preset's order. */
export function wayOf(client: Dialect, [first, ...others]: readonly Dialect[], forced?: Lane): { dialect: Dialect; lane: Lane } {
  const native = forced !== 'translated' && (first === client || others.includes(client));
  return native ? { dialect: client, lane: 'native' } : { dialect: first ?? 'chat', lane: 'translated' };
}

/** In the preset's order: what cannot stay native goes to the first. */
function endpointsOf({ name }: Preset, endpoints: Endpoints): [Endpoint, ...Endpoint[]] {
  const [first, ...others] = (Object.entries(endpoints) as [Dialect, string | undefined][]).flatMap(([dialect, base]) => {
    const codec = CODECS[dialect];
    return codec && base !== undefined ? { codec, base: base.replace(/\/+$/, '') } : [];
  });
  if (first) return [first, ...others];
  const known = Object.keys(CODECS).join(', ');
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
