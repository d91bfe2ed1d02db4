import type { IncomingMessage } from 'node:http';
import { Transform } from 'node:stream';
import type Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { GatewayError } from '../contract/errors.ts';
import type { Gateway } from '../gateway/create-gateway.ts';
import type { Path, Provider } from '../gateway/provider.ts';
import { parseJson } from '../kit/parse-json.ts';
import { providerOf } from '../pipeline/resolve-plugins.ts';
import { failureToError, readFailure } from '../upstreams/failure.ts';
import type { PassedBody } from '../upstreams/http.ts';
import { isJson } from './guards.ts';
import { passOn, textOf } from './lifecycle-routes.ts';
import { readBody } from './read-body.ts';

interface Ways {
  /** The path under each of the served prefixes. */
  below(path: string): string[];
  /** Wraps a route in the guards, and answers its errors. */
  route(handle: (context: Context) => Promise<object | string>): Middleware;
  /** Largest body, in bytes. */
  bodyLimit: number;
}

/** Routes of OpenAI's API that have nothing to do with a conversation. */
const ROUTES = ['/embeddings', '/images/*rest', '/audio/*rest'];
const SENT = ['content-type', 'accept'] as const;

/**
 * Passes embeddings, images and audio on to a provider that speaks OpenAI's API, with the gateway's key. Bodies of any
 * type stream through; only of JSON is the model read, which may choose the preset.
 */
export function addPassedRoutes(router: Router, gateway: Gateway, { below, route, bodyLimit }: Ways): void {
  const pass = async (context: Context) => {
    const { provider, body } = await received(context, gateway, bodyLimit);
    const way = openAiPathOf(provider);
    const path = context.path.slice(context.path.search(/\/(?:embeddings|images|audio)(?:\/|$)/));
    if (!way) throw new GatewayError('not_found', `${context.method} ${context.path}: the provider of preset "${provider.preset.name}" has no such route`);
    const gone = new AbortController();
    context.res.on('close', () => gone.abort());
    const answer = await way.upstream.pass('POST', path, gone.signal, body);
    if (answer.status < 300) return passOn(context, answer);
    throw failureToError(readFailure(answer.status, parseJson(await textOf(answer.each, gone))), { host: new URL(way.base).hostname });
  };
  for (const path of ROUTES) router.post(below(path), route(pass));
}

async function received(context: Context, gateway: Gateway, limit: number): Promise<{ provider: Provider; body: PassedBody }> {
  const { headers, req } = context;
  const sent = Object.fromEntries(SENT.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])));
  if (isJson(headers)) {
    const asked = await readBody(req, limit);
    const { provider, model } = gateway.choose(typeof asked['model'] === 'string' ? asked['model'] : '');
    const parts = JSON.stringify(asked['model'] === undefined ? asked : { ...asked, model });
    return { provider, body: { parts, headers: { ...sent, 'content-length': String(Buffer.byteLength(parts)) } } };
  }
  if (headers['content-encoding'] !== undefined)
    throw new GatewayError('invalid_request', 'content-encoding: only JSON may be compressed here', { status: 415 });
  const provider = gateway.providers.find(openAiPathOf) ?? gateway.providers[0];
  return { provider, body: { parts: limited(req, limit), headers: sent } };
}

/** The way to an endpoint of the provider in a dialect of OpenAI; none where clients bring their own keys. */
function openAiPathOf({ paths, plugins }: Provider): Path | undefined {
  if (providerOf('client-keys', plugins)) return undefined;
  return [paths.chat, paths.responses].find(({ dialect }) => dialect !== 'messages');
}

/** The client's body as it comes; beyond the limit the request to the provider ends with an error. */
function limited(request: IncomingMessage, limit: number): Transform {
  let size = 0;
  const parts = new Transform({
    transform(part: Buffer, _, done) {
      size += part.length;
      if (size <= limit) return done(null, part);
      request.unpipe(parts).resume(); // a client that is still writing could not read the answer
      done(new GatewayError('body_too_large', `the body is larger than ${limit} bytes; --body-limit raises the limit`));
    },
  });
  parts.on('error', () => {}); // the provider's side reports it
  return request.pipe(parts);
}
