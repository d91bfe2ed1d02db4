import { DIALECTS, type Dialect, type Lane } from '../contract/dialect.ts';
import { GatewayError, messageOf } from '../contract/errors.ts';
import type { ModelFacts, PresetFacts } from '../contract/facts.ts';
import type { Log } from '../contract/log.ts';
import type { Plugin } from '../contract/plugin.ts';
import type { Endpoints, Preset } from '../contract/preset.ts';
import { chatCodec } from '../dialects/chat/codec/codec.ts';
import type { Codec } from '../dialects/codec.ts';
import { messagesCodec } from '../dialects/messages/codec/codec.ts';
import { responsesCodec } from '../dialects/responses/codec/codec.ts';
import { authorizationOf } from '../kit/authorization.ts';
import { createPipeline, type Pipeline } from '../pipeline/create-pipeline.ts';
import type { Limits } from '../pipeline/limits.ts';
import { offerModels } from '../pipeline/plugin-life.ts';
import { HttpClient } from '../upstreams/http.ts';
import { HttpUpstream } from '../upstreams/http-upstream.ts';
import type { Upstream } from '../upstreams/upstream.ts';

/** The way from a client's dialect to the provider, compiled once. */
export interface Path {
  /** The provider's dialect. */
  readonly dialect: Dialect;
  readonly lane: Lane;
  readonly pipeline: Pipeline;
  readonly upstream: Upstream;
  /** Without a trailing slash. */
  readonly base: string;
  readonly url: URL;
  /** The header that carries the key. */
  readonly authorization: Record<string, string>;
}

/** A started preset. */
export interface Provider {
  readonly preset: Preset;
  /** The facts that plugins may read: not the key. */
  readonly facts: PresetFacts;
  readonly plugins: readonly Plugin[];
  /** The way of each client dialect. */
  readonly paths: Readonly<Record<Dialect, Path>>;
  /** The base URL of the first endpoint. */
  readonly base: string;
  /** Lists the provider's models; the preset's own if the provider does not list any within four seconds. */
  models(): Promise<readonly ModelFacts[]>;
  stop(): Promise<void>;
}

interface Endpoint {
  codec: Codec;
  base: string;
}
interface Around {
  plugins: readonly Plugin[];
  limits: Limits;
  log: Log;
  commitAfter: number;
  lane: Lane | undefined;
}

const CODECS: { readonly [dialect in Dialect]?: Codec } = { chat: chatCodec as Codec, responses: responsesCodec as Codec, messages: messagesCodec as Codec };

/** Milliseconds that a provider has to list its models. */
const MODELS_WITHIN = 4_000;

/** Starts a preset, after its plugins, and compiles its pipelines. Rejects with an Error that says what is wrong. */
export async function startProvider(preset: Preset, around: Around): Promise<Provider> {
  const { plugins, limits, commitAfter, lane: forced } = around;
  const { clock } = limits;
  const endpoints = endpointsOf(preset, (await preset.start?.()) ?? preset.endpoints);
  const http = new HttpClient(clock, preset.timeouts);
  const build = ({ codec, base }: Endpoint, lane: Lane): Path => {
    const authorization = authorizationOf(preset, codec.dialect);
    const pipeline = createPipeline(plugins, codec.dialect, lane, limits);
    const upstream = new HttpUpstream({ codec, pipeline, http, clock, retries: preset.retries, commitAfter, base, authorization });
    return { dialect: codec.dialect, lane, pipeline, upstream, base, authorization, url: new URL(base + codec.path) };
  };
  const [first] = endpoints;
  const offered = endpoints.map(({ codec }) => codec.dialect);
  const translated = build(first, 'translated');
  const pathOf = (client: Dialect): Path => {
    const native = pathFor(client, offered, preset, forced).lane === 'native' ? endpoints.find(({ codec }) => codec.dialect === client) : undefined;
    return native ? build(native, 'native') : translated;
  };
  return {
    preset,
    facts: { name: preset.name, models: preset.models, ...(preset.auth && { auth: preset.auth }) },
    plugins,
    paths: Object.fromEntries(DIALECTS.map((dialect) => [dialect, pathOf(dialect)])) as Record<Dialect, Path>,
    base: first.base,
    models: () => listModels(preset, around, translated.upstream),
    async stop() {
      await http.close();
      await preset.stop?.();
    },
  };
}

/** Chooses the dialect and lane for a client at a provider that speaks these dialects, in its preset's order. */
export function pathFor(
  client: Dialect,
  [first, ...others]: readonly Dialect[],
  { translated = [] }: Pick<Preset, 'translated'>,
  forced?: Lane,
): { dialect: Dialect; lane: Lane } {
  const native = forced !== 'translated' && !translated.includes(client) && (first === client || others.includes(client));
  return native ? { dialect: client, lane: 'native' } : { dialect: first ?? 'chat', lane: 'translated' };
}

/** Lists the endpoints in the preset's order: the first serves all translated requests. */
function endpointsOf({ name }: Preset, endpoints: Endpoints): [Endpoint, ...Endpoint[]] {
  const [first, ...others] = (Object.entries(endpoints) as [Dialect, string | undefined][]).flatMap(([dialect, base]) => {
    const codec = CODECS[dialect];
    return codec && base !== undefined ? { codec, base: base.replace(/\/+$/, '') } : [];
  });
  if (first) return [first, ...others];
  const known = Object.keys(CODECS).join(', ');
  throw new GatewayError('config_invalid', `preset "${name}" has no endpoint in a supported dialect (${known}); give one with --upstream`);
}

async function listModels(preset: Preset, { plugins, limits, log }: Around, upstream: Upstream): Promise<readonly ModelFacts[]> {
  const { clock } = limits;
  const late = new AbortController();
  const timer = clock.after(MODELS_WITHIN, () => late.abort());
  const listed = await upstream.models(late.signal).catch((thrown) => {
    log.warn(`preset "${preset.name}": the provider did not list its models: ${messageOf(thrown)}`);
    return undefined;
  });
  timer.stop();
  const known = listed?.length ? listed.map((model) => ({ ...preset.models.find(({ id }) => id === model.id), ...model })) : preset.models;
  return offerModels(known, plugins, limits, log);
}
