import type { FrontDoor } from '../dialects/front-door.ts';

const HOST = /^[\w.:[\]-]{1,255}$/;

/** The path without what a base URL leaves behind when it is pasted: a slash too many, `/v1` twice. */
export function plainPath(path: string): string {
  return path
    .replaceAll(/\/{2,}/g, '/')
    .replace(/^(?:\/v1)+(?=\/v1(?:\/|$))/, '')
    .replace(/(?<=.)\/$/, '');
}

/** True for a path of Gemini's own API, like `/v1beta/models/x:generateContent`. */
export function isGooglePath(path: string): boolean {
  return /^\/v1(?:alpha|beta)\d?(?:\/|$)|:(?:\w*generateContent|countTokens|embedContent)$/i.test(path);
}

/** What to do about a path that is not served: the base URL of the client is wrong, or its API. */
export function whatIsServed(path: string, host: string, doors: readonly FrontDoor[]): string {
  if (isGooglePath(path)) return "this gateway does not serve Gemini's API; it serves /v1/chat/completions, /v1/responses and /v1/messages";
  const door = doors.find((each) => `${path}/`.includes(`${each.path}/`));
  const origin = HOST.test(host) ? `http://${host}` : 'http://HOST:PORT';
  if (!door) return `there is no such route; base URLs are ${origin}/v1 for OpenAI's APIs and ${origin} for Anthropic's`;
  // Anthropic's clients add /v1 themselves
  const base = door.dialect === 'messages' ? `${origin}, without /v1` : `${origin}/v1`;
  return `there is no such route; this gateway serves /v1${door.path}: set the client's base URL to ${base}`;
}
