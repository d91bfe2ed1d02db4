import type { ErrorCode } from '../core/contract/errors.ts';
import type { Plugin } from '../core/contract/plugin.ts';

const LONGEST = 500;
/** Characters to look at: the patterns only shorten a text. */
const LOOKED_AT = 4_000;
/** The failures whose message begins with what happened: a provider's own words alone would not say who failed. */
const LEAD: Partial<Record<ErrorCode, string>> = {
  upstream_failed: 'the provider failed to answer',
  upstream_authentication: 'the provider refused the API key that this gateway was given',
};
/** What follows is for the provider's engineers. */
const TRACE = /\bTraceback \(most recent call last\)|\n\s+at \S|\n\s*File "|\bgoroutine \d+ \[/;
const MARKUP = /<\/?[a-z!][^<>]*>/gi;
const URL_IN_TEXT = /\b[a-z][a-z\d+.-]{1,20}:\/\/[^\s"'<>)]*[^\s"'<>).,;:!?]/gi;
const PRIVATE: readonly [RegExp, string][] = [
  [/\b(?:sk|pk|key|api|tok|ghp|xai|gsk|nvapi)[-_][\w-]{8,}/gi, '[key]'],
  [/\b(?:eyJ[\w-]{8,}(?:\.[\w-]+)*|AKIA[A-Z\d]{12,}|AIza[\w-]{20,})/g, '[key]'],
  [/\bBearer\s+\S+/gi, '[key]'],
  [/\b(key|token|secret|password)( provided)?(["']?\s*[:=]\s*["']?)(?=[^\s"',;]{0,60}[\d*])[^\s"',;]{5,}[^\s"',;.]/gi, '$1$2$3[key]'],
  [/[^\s"'(]{0,60}\*{3,}[^\s"',;.)]{0,60}/g, '[key]'],
  [/\b(key|token)\b([^.\n]{0,30}\bend(?:s|ing) (?:in|with)) \S{2,60}/gi, '$1$2 [key]'],
  [/\b[\da-f]{32,}(?:\.\w{8,})?\b/gi, '[id]'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, '[address]'],
  [/\bf[cde][\da-f]{2}(?::[\da-f]{0,4}){2,7}/gi, '[address]'],
  [/\b(?:localhost|[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}\.(?:internal|local|localdomain|lan|corp|intranet|svc))\b(?::\d+)?/gi, '[address]'],
  [/(?<![\w/:.])(?:\/[\w.@-]+){2,}/g, '[path]'],
  [/\b[a-z]:\\[^\s"']+/gi, '[path]'],
  [/\s+/g, ' '],
];

/**
 * Removes private details from a provider's error: keys, URLs with credentials, private addresses, file paths, stack
 * traces and markup. At most 500 characters are left.
 */
export function errorSanitizer(): Plugin {
  return {
    name: 'error-sanitizer',
    place: 'last',
    guard: true,
    error(error, { started }) {
      const { upstreamStatus, ownWords } = error.details;
      if (upstreamStatus === undefined || (ownWords && error.code !== 'upstream_authentication')) return; // the gateway's own message
      // inside a stream the provider sent no status for the error
      const status = started ? '' : ` (HTTP ${upstreamStatus})`;
      const lead = LEAD[error.code];
      const words = ownWords ? '' : shown(error.message);
      const message = lead ? `${lead}${status}${words && `: ${words}`}` : words;
      if (message !== error.message) return error.with({ message: message || `the provider refused${status}` });
    },
  };
}

/** As much of a provider's words as a client may see. */
function shown(said: string): string {
  const text = withoutTrace(said.slice(0, LOOKED_AT)).replaceAll(MARKUP, ' ').replaceAll(URL_IN_TEXT, publicUrl);
  return PRIVATE.reduce((left, [pattern, instead]) => left.replaceAll(pattern, instead), text)
    .trim()
    .slice(0, LONGEST)
    .replace(/[\ud800-\udbff]$/, '');
}

/** The words in front of a stack trace; without any, its last line, where Python has the error itself. */
function withoutTrace(text: string): string {
  const at = text.search(TRACE);
  if (at < 0) return text;
  return text.slice(0, at).trim() || (text.trim().split('\n').at(-1) ?? '').trim();
}

/** Where a provider's page stands, for people; an address within its network is private. */
function publicUrl(url: string): string {
  if (!URL.canParse(url)) return '[url]';
  const { protocol, host, hostname, pathname } = new URL(url);
  const isPublic = /^https?:$/.test(protocol) && /\.[a-z]{2,}$/i.test(hostname) && !/\.(?:internal|local|localdomain|lan|corp|intranet|svc)$/i.test(hostname);
  return isPublic ? `${protocol}//${host}${pathname === '/' ? '' : pathname}` : '[url]';
}
