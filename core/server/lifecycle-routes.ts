import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { GatewayError } from '../contract/errors.ts';
import type { Exchange } from '../contract/exchange.ts';
import { listInput, type Page } from '../dialects/responses/door/input-items.ts';
import { cancelResponse, forgetResponse, keptResponse } from '../dialects/responses/door/lifecycle.ts';
import { replay } from '../dialects/responses/door/replay.ts';
import type { Gateway } from '../gateway/create-gateway.ts';
import { parseJson } from '../kit/parse-json.ts';
import { providerOf } from '../pipeline/resolve-plugins.ts';
import { EchoedKey } from '../run/echoed-key.ts';
import { ownerOf } from '../run/running-exchange.ts';
import { storeOf } from '../store/client-records.ts';
import { ResponseOwners } from '../store/response-owners.ts';
import { LARGEST_REFUSAL } from '../upstreams/endpoint.ts';
import { failureToError, readFailure } from '../upstreams/failure.ts';
import type { Method } from '../upstreams/http.ts';
import type { PassedAnswer } from '../upstreams/upstream.ts';
import { WholeEvents } from '../upstreams/whole-events.ts';

interface Ways {
  /** The path under each of the served prefixes. */
  below(path: string): string[];
  /** Clients need a key: each of them reaches its own responses only. */
  keyed: boolean;
  /** Wraps a route in the guards, and answers its errors. */
  route(handle: (context: Context) => Promise<object | string>): Middleware;
}

/** One step of a path, and not `..` in any spelling. */
const PLAIN_ID = /^[\w-]+$/;

/**
 * Serves stored responses: to read (also as a stream), delete and cancel them, and to list their input. A provider in
 * the native lane stores its own responses, so it is asked for those that are not stored here.
 */
export function addLifecycleRoutes(router: Router, gateway: Gateway, ways: Ways): void {
  const { below } = ways;
  const route = (handle: (context: Context) => Promise<object | string>) => ways.route((context) => orPassed(context, gateway, ways, handle));
  const kept = (context: Context) => keptResponse(idOf(context), recordsOf(context, gateway));
  router.get(
    below('/responses/:id'),
    route(async (context) => {
      const stream = queryOf(context, 'stream', /^(true|false)$/, 'true or false');
      const after = queryOf(context, 'starting_after', /^\d{1,15}$/, 'the number of an event');
      const { response } = await kept(context);
      if (stream !== 'true') return response;
      if (response.status === undefined)
        throw new GatewayError('invalid_request', 'stream: a compaction cannot be streamed; leave this field out', { param: 'stream' });
      context.set({ 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache, no-transform' });
      return replay(response, gateway.clock, after === undefined ? undefined : Number(after));
    }),
  );
  router.delete(
    below('/responses/:id'),
    route((context) => forgetResponse(idOf(context), recordsOf(context, gateway))),
  );
  router.get(
    below('/responses/:id/input_items'),
    route(async (context) => {
      const page = pageOf(context);
      return listInput(await kept(context), page);
    }),
  );
  router.post(
    below('/responses/:id/cancel'),
    route((context) => cancelResponse(idOf(context), recordsOf(context, gateway))),
  );
}

/** Answers from the store, else passes the request on to the provider, which may have the response. */
async function orPassed(context: Context, gateway: Gateway, { keyed }: Ways, handle: (context: Context) => Promise<object | string>): Promise<object | string> {
  const { providers, store } = gateway;
  try {
    return await handle(context);
  } catch (thrown) {
    // where clients bring their own keys, ours would give one client access to the responses of another
    const own = providers.filter(({ plugins }) => !providerOf('client-keys', plugins));
    const path = own.map(({ paths }) => paths.responses).find(({ lane }) => lane === 'native');
    if (!path || !(thrown instanceof GatewayError) || thrown.code !== 'not_found' || !PLAIN_ID.test(idOf(context))) throw thrown;
    const owner = await new ResponseOwners(store).ownerOf(idOf(context));
    if (owner === undefined ? keyed : owner !== ownerOf(context.headers)) throw thrown; // the provider would show it to our key
    const gone = new AbortController();
    context.res.on('close', () => gone.abort());
    const route = context.path.slice(context.path.indexOf('/responses/')) + context.search;
    const { status, type, each } = await path.upstream.pass(context.method as Method, route, gone.signal);
    if (concernsGateway(status)) {
      gone.abort();
      // without the provider's message, which may contain the end of a key
      throw status === 404 ? thrown : failureToError(readFailure(status, undefined));
    }
    if (status >= 400) throw failureToError(readFailure(status, parseJson(await textOf(each, gone)))).with({ status });
    context.status = status;
    context.set('content-type', type);
    const passed = new PassThrough();
    const whole = new WholeEvents(); // a key may be cut in two by the reads
    const key = new EchoedKey({ upstream: { headers: path.authorization }, client: context });
    const pass = (part: Buffer) => passed.write(key.redact(part));
    each((part) => (pass(whole.take(Buffer.from(part))) ? undefined : once(passed, 'drain'))).then(
      () => passed.end(key.redact(whole.rest)),
      (error) => passed.destroy(error),
    );
    return passed;
  }
}

/** Answers with what the provider sends, as it comes. */
export function passOn(context: Context, { status, type, each }: PassedAnswer): PassThrough {
  context.status = status;
  context.set('content-type', type);
  const passed = new PassThrough();
  each((part) => (passed.write(part) ? undefined : once(passed, 'drain'))).then(
    () => passed.end(),
    (error) => passed.destroy(error),
  );
  return passed;
}

/** Reads a refusal up to a limit; it is then reported like any other, shortened and without keys. */
export async function textOf(each: PassedAnswer['each'], reading: AbortController): Promise<string> {
  const parts: string[] = [];
  let size = 0;
  await each((part) => {
    size += part.length;
    if (size > LARGEST_REFUSAL) reading.abort();
    else parts.push(part.toString());
    return undefined;
  }).catch(() => {}); // the status alone says enough
  return parts.join('');
}

/** True for a status about the gateway, its key or the provider itself, rather than the requested response. */
function concernsGateway(status: number): boolean {
  return [401, 403, 404, 407].includes(status) || (status >= 300 && status < 400) || status >= 500;
}

/** The records of the client that asks. Throws `not_found` if this gateway stores no responses. */
function recordsOf({ headers }: Context, { store, log, providers }: Gateway): Pick<Exchange, 'store' | 'log'> {
  if (providers.some(({ plugins }) => providerOf('history', plugins))) return { store: storeOf(store, ownerOf(headers)), log };
  throw new GatewayError('not_found', 'this gateway keeps no responses: the plugin that provides "history" is disabled');
}

function idOf({ params }: Context): string {
  return String(params.id);
}

function pageOf(context: Context): Page {
  const limit = queryOf(context, 'limit', /^([1-9]\d?|100)$/, 'a whole number from 1 to 100');
  const order = queryOf(context, 'order', /^(asc|desc)$/, 'asc or desc');
  const cursor = (param: string) => queryOf(context, param, /^/, 'one id');
  return { limit: Number(limit ?? 20), order: order === 'asc' ? 'asc' : 'desc', after: cursor('after'), before: cursor('before') };
}

function queryOf({ query }: Context, param: string, accepted: RegExp, expected: string): string | undefined {
  const value = query[param];
  if (value === undefined || (typeof value === 'string' && accepted.test(value))) return value;
  throw new GatewayError('invalid_request', `${param}: "${String(value).slice(0, 100)}" is not ${expected}`, { param });
}
