import type { Clock } from '../contract/clock.ts';
import { GatewayError } from '../contract/errors.ts';
import type { Exchange } from '../contract/exchange.ts';
import type { ModelFacts } from '../contract/facts.ts';
import type { Log } from '../contract/log.ts';
import type { PluginOption } from '../contract/plugin.ts';
import type { Preset } from '../contract/preset.ts';
import type { Store } from '../contract/store.ts';
import { chatFrontDoor } from '../dialects/chat/door/front-door.ts';
import type { FrontDoor } from '../dialects/front-door.ts';
import { messagesFrontDoor } from '../dialects/messages/door/front-door.ts';
import { compactDoor } from '../dialects/responses/door/compact-door.ts';
import { responsesFrontDoor } from '../dialects/responses/door/front-door.ts';
import { didYouMean } from '../kit/did-you-mean.ts';
import { matchesModel } from '../kit/match-model.ts';
import { systemClock } from '../kit/system-clock.ts';
import { PLUGIN_TIMEOUT } from '../pipeline/create-pipeline.ts';
import { startPlugins, stopPlugins } from '../pipeline/plugin-life.ts';
import { resolveForEach } from '../pipeline/resolve-plugins.ts';
import { MemoryStore } from '../store/memory-store.ts';
import { type Provider, startProvider } from './provider.ts';
import { createRedactor } from './redactor.ts';
import { unknownModels } from './unknown-models.ts';

/** Sends models to a preset. */
export interface ModelRoute {
  /** The name of a model, or a prefix and `*`. */
  model: string;
  /** The name of one of the gateway's presets. */
  preset: string;
  /** The model to ask that preset for. Default: the client's. */
  as?: string | undefined;
}

export interface GatewayOptions {
  /** One preset, or several. The first answers every model that no route and no prefix sends elsewhere. */
  preset: Preset | readonly [Preset, ...Preset[]];
  /** The first route that matches wins. */
  routes?: readonly ModelRoute[];
  /** The user's own plugins, for each preset; see `resolvePlugins`. */
  plugins?: PluginOption;
  /** Names of plugins, or `preset/plugin` for one preset. */
  disable?: readonly string[];
  log: Log;
  clock?: Clock;
  /** Milliseconds that a streaming client waits for the provider's status before it gets 200. */
  commitAfter?: number;
  /** Milliseconds that a handler's promise may take, unless its plugin sets its own `timeout`. 0: no limit. */
  pluginTimeout?: number | undefined;
  /** Values to redact in logs and answers. */
  secrets?: readonly (string | undefined)[];
  /** `translated`: use the canonical form even if the provider speaks the client's dialect. */
  lane?: 'translated' | undefined;
  /** Refuse a request that would lose something in translation, instead of a warning. */
  strict?: boolean;
  /** Keeps records across exchanges. Default: in memory. */
  store?: Store;
}

export interface Gateway {
  /** The first provider is the default. */
  readonly providers: readonly [Provider, ...Provider[]];
  readonly strict: boolean;
  readonly store: Store;
  readonly doors: readonly FrontDoor[];
  readonly clock: Clock;
  readonly log: Log;
  readonly commitAfter: number;
  readonly redact: (text: string) => string;
  /** The number of errors, since the start, that no exchange could handle. */
  readonly strayErrors: { count: number };
  /** The answers that are being written: a gateway that is to stop does not wait for clients that do not read. */
  readonly replies: Set<{ hurry(): void; close(): void }>;
  /** Finds the provider of a model, and the model's name there. */
  choose(model: string): { provider: Provider; model: string };
  /** Logs, once, a model that its preset does not know. */
  logUnknown(exchange: Exchange): void;
  /** Lists all models: those of the default under their own names, those of the others as `preset/model`. */
  models(): Promise<readonly ModelFacts[]>;
  stop(): Promise<void>;
}

export const COMMIT_AFTER = 2_000;

/** Starts presets and their plugins. Rejects with an Error that says what is wrong with the options. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { log, clock = systemClock, commitAfter = COMMIT_AFTER, store = new MemoryStore(clock), routes = [], lane } = options;
  const limits = { clock, pluginTimeout: options.pluginTimeout ?? PLUGIN_TIMEOUT, pending: new Set<Promise<unknown>>() };
  const presets = [options.preset].flat() as [Preset, ...Preset[]];
  const lists = resolveForEach(presets, options.plugins, options.disable ?? []);
  const plugins = [...new Set(lists.flat())];
  await startPlugins(plugins, limits, log);
  const stopAll = async (started: readonly Provider[]) => {
    for (const provider of started) await provider.stop();
    await Promise.all(limits.pending);
    await stopPlugins(plugins, limits, log);
  };
  const starts = await Promise.allSettled(presets.map((preset, at) => startProvider(preset, { plugins: lists[at] ?? [], limits, log, commitAfter, lane })));
  const providers = starts.flatMap((start) => (start.status === 'fulfilled' ? start.value : [])) as unknown as Gateway['providers'];
  try {
    for (const start of starts) if (start.status === 'rejected') throw start.reason;
    for (const route of routes) providerOf(route.preset, providers);
  } catch (thrown) {
    await stopAll(providers);
    throw thrown;
  }
  return {
    providers,
    strict: options.strict ?? false,
    store,
    doors: [responsesFrontDoor, chatFrontDoor, messagesFrontDoor, compactDoor],
    clock,
    log,
    commitAfter,
    strayErrors: { count: 0 },
    replies: new Set(),
    redact: createRedactor([...presets.map(({ apiKey }) => apiKey), ...(options.secrets ?? [])]),
    logUnknown: unknownModels(),
    choose: (model) => choose(model, providers, routes),
    models: () => listModels(providers),
    async stop() {
      await stopAll(providers);
      await store.close();
    },
  };
}

/** Reads `preset/model` only if that preset exists: some providers' own model names contain a slash. */
function choose(model: string, providers: Gateway['providers'], routes: readonly ModelRoute[]): { provider: Provider; model: string } {
  const route = routes.find((each) => matchesModel(each.model, model));
  if (route) return { provider: providerOf(route.preset, providers), model: route.as ?? model };
  const named = providers.find(({ preset }) => model.startsWith(`${preset.name}/`));
  return named ? { provider: named, model: model.slice(named.preset.name.length + 1) } : { provider: providers[0], model };
}

function providerOf(name: string, providers: Gateway['providers']): Provider {
  const provider = providers.find(({ preset }) => preset.name === name);
  if (provider) return provider;
  const names = providers.map(({ preset }) => preset.name);
  throw new GatewayError('config_invalid', `routes: there is no preset "${name}"${didYouMean(name, names)}; there are ${names.join(', ')}`);
}

async function listModels(providers: Gateway['providers']): Promise<readonly ModelFacts[]> {
  const lists = await Promise.all(providers.map((provider) => provider.models()));
  return providers.flatMap(({ preset }, at) => (lists[at] ?? []).map((model) => (at === 0 ? model : { ...model, id: `${preset.name}/${model.id}` })));
}
