import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError } from '../contract/errors.ts';

export interface Access {
  /** Only this machine can reach the port, so Host is checked. */
  loopback: boolean;
  /** Additional host names that a loopback gateway answers to. */
  hosts: readonly string[];
  /** Additional web origins that are allowed. */
  origins: readonly string[];
  /** The key that clients must send. */
  apiKey?: string | undefined;
}

const CORS_HEADERS = 'authorization, content-type, x-api-key, api-key, x-request-id, openai-beta, anthropic-version, anthropic-beta';

/** Keeps out web pages that rebind a name to this machine. Throws `forbidden_host`. */
export function checkHost({ host }: IncomingHttpHeaders, { loopback, hosts }: Access): void {
  if (!loopback) return;
  const name = hostName(host ?? '');
  if (isLoopback(name) || hosts.includes(name)) return;
  throw new GatewayError('forbidden_host', `Host: "${name}" is neither a loopback name nor listed in listen.hosts`);
}

/** Returns the CORS headers for an allowed origin. Throws `forbidden_origin`. */
export function checkOrigin({ origin }: IncomingHttpHeaders, { origins }: Access): Record<string, string> {
  if (origin === undefined) return {};
  if (!origins.includes(origin) && !isLoopbackOrigin(origin)) {
    throw new GatewayError('forbidden_origin', `Origin: "${origin}" is neither a loopback origin nor listed in listen.origins`);
  }
  return {
    'access-control-allow-origin': origin,
    vary: 'origin',
    'access-control-expose-headers': 'x-request-id, x-tapline-warnings, x-tapline-usage, retry-after, x-should-retry, request-id',
  };
}

/** CORS headers for a preflight. Allows whatever is asked for: SDKs add `x-stainless-*`, and whatever comes next. */
export function preflightHeaders({ 'access-control-request-headers': asked = '' }: IncomingHttpHeaders): Record<string, string> {
  const more = asked.split(',').flatMap((name) => (/^[\w-]{1,64}$/.test(name.trim()) ? name.trim() : []));
  return {
    'access-control-allow-methods': 'GET, POST, DELETE, OPTIONS',
    'access-control-allow-headers': [CORS_HEADERS, ...more].join(', '),
    'access-control-max-age': '600',
  };
}

/** Bearer, `x-api-key` or `api-key`. Throws `unauthorized`. */
export function checkKey(headers: IncomingHttpHeaders, { apiKey }: Access): void {
  if (!apiKey) return;
  const bearer = /^Bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1];
  if ([bearer, headers['x-api-key'], headers['api-key']].some((shown) => typeof shown === 'string' && sameText(shown, apiKey))) return;
  throw new GatewayError('unauthorized', "this gateway's API key is missing or wrong; send it as a Bearer token or as x-api-key");
}

/** With this header set to 1, a request that would lose something in translation is refused. */
export const STRICT = 'x-tapline-strict';

/** Reserves the switches of a request for programs on this machine, against web pages. Throws `forbidden_origin`. */
export function checkSwitches(headers: IncomingHttpHeaders, { loopback }: Access): void {
  if (headers[STRICT] === undefined || (loopback && headers.origin === undefined)) return;
  throw new GatewayError(
    'forbidden_origin',
    `${STRICT}: accepted from programs on the gateway's own machine only; "strict" in the config holds for all clients`,
  );
}

/** Requires JSON: a form on a web page can send any other type without a preflight. Throws `invalid_request`. */
export function checkJson(headers: IncomingHttpHeaders): void {
  const type = headers['content-type'] ?? '';
  if (isJson(headers)) return;
  throw new GatewayError(
    'invalid_request',
    `content-type: ${type ? `"${type}" is not application/json` : 'there is none'}; send the body as JSON with the header content-type: application/json`,
    { status: 415 },
  );
}

export function isJson(headers: IncomingHttpHeaders): boolean {
  return /^application\/([\w.-]+\+)?json\s*(;|$)/i.test(headers['content-type'] ?? '');
}

/** `localhost`, `*.localhost`, 127.0.0.0/8 and `::1`. */
export function isLoopback(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost') || /^127(\.\d{1,3}){3}$/.test(name) || name === '::1' || name === '[::1]';
}

function isLoopbackOrigin(origin: string): boolean {
  return URL.canParse(origin) && isLoopback(new URL(origin).hostname);
}

function hostName(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '');
}

/** Compares in constant time, so that timing does not reveal how much of a key was right. */
function sameText(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
