import http from 'node:http';
import type { Duplex } from 'node:stream';
import Router from '@koa/router';
import Koa, { type Context } from 'koa';
import { asGatewayError, GatewayError } from '../contract/errors.ts';
import type { FrontDoor } from '../dialects/front-door.ts';
import { encodeGoogleError } from '../dialects/google-error.ts';
import { responsesFrontDoor } from '../dialects/responses/door/front-door.ts';
import type { Gateway } from '../gateway/create-gateway.ts';
import { CountRun } from '../run/count-run.ts';
import { ExchangeRun } from '../run/exchange-run.ts';
import { Incoming } from '../run/incoming.ts';
import type { CreateLane } from '../run/lane.ts';
import { Reply } from '../run/reply.ts';
import { RunningExchange } from '../run/running-exchange.ts';
import { type Access, checkHost, checkJson, checkKey, checkOrigin, checkSwitches, preflightHeaders, STRICT } from './guards.ts';
import { addLifecycleRoutes } from './lifecycle-routes.ts';
import { type ModelLists, modelBody, modelsBody } from './models.ts';
import { addPassedRoutes } from './passed-routes.ts';
import { isGooglePath, plainPath, whatIsServed } from './paths.ts';
import { readBody } from './read-body.ts';

export interface ServerOptions {
  access: Access;
  /** Largest decoded body, in bytes. */
  bodyLimit: number;
  version: string;
  /** Extra fields of the list of models. */
  lists?: ModelLists;
}

export const BODY_LIMIT = 32 << 20;
/** Milliseconds in which the client of a list must take something; those of exchanges have their own watch. */
const SLOWEST_READER = 120_000;
/** How many times larger a request may become when records are put in the place of references. */
const EXPANSION = 4;
type Check = (context: Context) => void;
const count: CreateLane = (context) => new CountRun(context);
interface Opened {
  exchange: RunningExchange;
  run: ExchangeRun;
}

/** The HTTP server in front of a gateway. */
export function createServer(gateway: Gateway, options: ServerOptions): http.Server {
  const router = new Router();
  const from = gateway.clock.elapsed();
  const guard = (context: Context) => {
    checkHost(context.headers, options.access);
    context.set(checkOrigin(context.headers, options.access));
  };
  const keyed = (context: Context) => {
    guard(context);
    checkKey(context.headers, options.access);
    checkSwitches(context.headers, options.access);
  };
  router.get(
    '/health',
    answer(gateway, guard, async () => ({
      status: 'ok',
      version: options.version,
      uptime_seconds: Math.floor((gateway.clock.elapsed() - from) / 1000),
      ...about(gateway, options),
    })),
  );
  const below = (path: string) => ['/v1', '', ...new Set(gateway.providers.flatMap(({ preset }) => preset.prefixes ?? []))].map((prefix) => prefix + path);
  router.get(
    below('/models'),
    answer(gateway, keyed, () => listModels(gateway, options)),
  );
  router.get(
    '/api/hello', // Claude Code checks that the server is up
    answer(gateway, guard, async () => ({ status: 'ok' })),
  );
  for (const door of gateway.doors) {
    router.post(below(door.path), (context) => serve(open(context, gateway, door, options), context, keyed, options));
    if (door.count) router.post(below(door.count.path), (context) => serve(open(context, gateway, door, options), context, keyed, options, count));
  }
  router.get(
    below('/models/*id'),
    answer(gateway, keyed, ({ params }) => retrieveModel(gateway, String(params.id))),
  );
  addLifecycleRoutes(router, gateway, { below, keyed: options.access.apiKey !== undefined, route: (handle) => answer(gateway, keyed, handle) });
  addPassedRoutes(router, gateway, { below, route: (handle) => answer(gateway, keyed, handle), bodyLimit: options.bodyLimit });
  const app = new Koa();
  app.use((context, next) => {
    context.path = plainPath(context.path);
    return next();
  });
  app.use((context, next) => (context.method === 'OPTIONS' && context.get('origin') ? preflight(context, gateway, guard) : next()));
  app.use(router.routes());
  app.use((context) => refuse(context, gateway, keyed, notServed(context, router, gateway.doors)));
  // without a listener Koa writes errors to stderr, past the log; a client's broken connection is no error of ours
  app.on('error', (err: NodeJS.ErrnoException) => gateway.log[isOfClient(err) ? 'debug' : 'error']({ err }, 'failed outside an exchange'));
  const server = http.createServer({ noDelay: true }, app.callback());
  server.on('upgrade', (_, socket: Duplex) => socket.end('HTTP/1.1 426 Upgrade Required\r\nconnection: close\r\ncontent-length: 0\r\n\r\n'));
  return server;
}

/** A client's broken connection, or bytes that are no HTTP, are no error of ours. */
function isOfClient({ syscall, code = '' }: NodeJS.ErrnoException): boolean {
  return Boolean(syscall) || code.startsWith('HPE_');
}

/** Opens the exchange behind every answer: errors of guards pass through plugins too, those of the default preset. */
function open(context: Context, gateway: Gateway, door: FrontDoor, limits?: Pick<ServerOptions, 'bodyLimit'>): Opened {
  const { clock, log, redact, store } = gateway;
  const [{ facts: preset, paths }] = gateway.providers;
  const { dialect: upstream, lane, url, authorization } = paths[door.dialect];
  const strict = gateway.strict || context.get(STRICT) === '1';
  const { headers } = context;
  const presets = gateway.providers.map((provider) => provider.preset.name);
  const exchange = new RunningExchange({
    dialect: door.dialect,
    headers,
    preset,
    presets,
    lane,
    upstream,
    url,
    authorization,
    clock,
    log,
    redact,
    store,
    strict,
    ...(limits && { expandedLimit: limits.bodyLimit * EXPANSION }),
  });
  if (door.keepAlive) exchange.keepAlive.frame = door.keepAlive;
  context.respond = false; // the exchange writes to the socket itself: a stream body would cost an event per write
  const reply = new Reply(context.res, exchange);
  gateway.replies.add(reply);
  context.res.on('close', () => {
    gateway.replies.delete(reply);
    if (!context.res.writableFinished) exchange.leave();
  });
  return { exchange, run: new ExchangeRun(exchange, gateway, door, reply) };
}

function serve({ exchange, run }: Opened, context: Context, check: Check, { bodyLimit }: ServerOptions, lane?: CreateLane): Promise<void> {
  return run.run(async () => {
    check(context);
    checkJson(context.headers);
    const body = await readBody(context.req, bodyLimit);
    exchange.ask(body);
    return new Incoming(body);
  }, lane);
}

function refuse(context: Context, gateway: Gateway, check: Check, error: GatewayError): Promise<void> {
  const { run } = open(context, gateway, doorOf(context, gateway));
  return run.run(async () => {
    check(context);
    throw error;
  });
}

/**
 * The door that answers for an unknown route: by the end of its path, else by a header that only Anthropic clients
 * send.
 */
function doorOf({ path, headers }: Context, { doors }: Gateway): FrontDoor {
  if (isGooglePath(path)) return { ...responsesFrontDoor, error: encodeGoogleError };
  const named = doors.find((door) => `${path}/`.includes(`${door.path}/`));
  const spoken = headers['anthropic-version'] === undefined ? undefined : doors.find(({ dialect }) => dialect === 'messages');
  return named ?? spoken ?? responsesFrontDoor;
}

function answer(gateway: Gateway, check: Check, handle: (context: Context) => Promise<object | string>): (context: Context) => Promise<void> {
  return async (context) => {
    try {
      check(context);
      context.body = await handle(context);
      context.res.setTimeout(SLOWEST_READER, () => void context.res.destroy());
    } catch (thrown) {
      await refuse(context, gateway, () => {}, asGatewayError(thrown));
    }
  };
}

async function preflight(context: Context, gateway: Gateway, guard: Check): Promise<void> {
  try {
    guard(context);
    context.set(preflightHeaders(context.headers));
    context.status = 204;
  } catch (thrown) {
    await refuse(context, gateway, () => {}, thrown as GatewayError);
  }
}

function notServed({ method, path, host }: Context, router: Router, doors: Gateway['doors']): GatewayError {
  const methods = [...new Set(router.match(path, method).path.flatMap((layer) => layer.methods))];
  if (methods.length === 0 || isGooglePath(path)) return new GatewayError('not_found', `${method} ${path}: ${whatIsServed(path, host, doors)}`);
  return new GatewayError('method_not_allowed', `${method} ${path}: this route takes ${methods.join(', ')}`);
}

/** Details of the upstream, for clients on this machine only. */
function about({ providers: [{ preset, base }, ...others], strayErrors }: Gateway, { access }: ServerOptions): object {
  if (!access.loopback) return {};
  const { origin, pathname } = new URL(base);
  return {
    preset: preset.name,
    upstream: origin + pathname,
    stray_errors: strayErrors.count,
    ...(others.length > 0 && { presets: [preset.name, ...others.map((other) => other.preset.name)] }),
  };
}

async function listModels(gateway: Gateway, { lists }: ServerOptions): Promise<object> {
  return modelsBody(await gateway.models(), gateway.providers[0].preset.name, lists);
}

/** One model and the facts about it. A gateway that knows no models at all offers every one. */
async function retrieveModel(gateway: Gateway, id: string): Promise<object> {
  const { provider, model } = gateway.choose(id);
  const models = await provider.models();
  const facts = models.find((each) => each.id === model) ?? (models.length === 0 ? { id } : undefined);
  if (facts) return modelBody({ ...facts, id }, provider.preset.name);
  throw new GatewayError('model_not_found', `model "${id}": there is no such model; GET /v1/models lists all`, { param: 'model' });
}
