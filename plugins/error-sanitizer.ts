import type { ErrorCode } from '../core/contract/errors.ts';
import type { Plugin } from '../core/contract/plugin.ts';

const LONGEST = 500;
/** What a provider's machinery says of itself helps nobody and tells too much. */
const GENERIC: Partial<Record<ErrorCode, string>> = {
  upstream_failed: 'the provider failed to answer',
  upstream_authentication: 'the provider refused its API key: check the key that this gateway was given',
};
const PRIVATE: readonly [RegExp, string][] = [
  [/<\/?[a-z!][^<>]*>/gi, ' '],
  [/\b(?:sk|pk|key|api|tok|ghp|xai|gsk)[-_][\w-]{8,}/gi, '[key]'],
  [/\bBearer\s+\S+/gi, '[key]'],
  [/\b[\da-f]{32,}(?:\.\w{8,})?\b/gi, '[id]'],
  [/\bhttps?:\/\/\S+/gi, '[url]'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, '[address]'],
  [/(?<![\w/:.])(?:\/[\w.-]+){2,}/g, '[path]'],
  [/\s+/g, ' '],
];

/** Takes out of a provider's error what is nobody's business: keys, addresses, paths, markup, a server's own failure text. */
export function errorSanitizer(): Plugin {
  return {
    name: 'error-sanitizer',
    place: 'last',
    guard: true,
    error(error, { started }) {
      if (error.details.upstreamStatus === undefined) return; // our own words
      const status = started ? '' : ` (HTTP ${error.details.upstreamStatus})`; // inside a stream it is none the provider sent
      const generic = GENERIC[error.code];
      const message = generic
        ? generic + status
        : PRIVATE.reduce((text, [pattern, instead]) => text.replaceAll(pattern, instead), error.message)
            .trim()
            .slice(0, LONGEST)
            .replace(/[\ud800-\udbff]$/, '');
      if (message !== error.message) return error.with({ message: message || `the provider refused${status}` });
    },
  };
}
