import type { ErrorCode } from '../core/contract/errors.ts';
import type { Plugin } from '../core/contract/plugin.ts';

const LONGEST = 500;
/** A provider's internal error text helps no user, and may reveal too much. */
const GENERIC: Partial<Record<ErrorCode, string>> = {
  upstream_failed: 'the provider failed to answer',
  upstream_authentication: 'the provider refused the API key: check the key that this gateway was given',
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

/**
 * Removes private details from a provider's error: keys, addresses, paths, markup, and the text of a server's own
 * failure.
 */
export function errorSanitizer(): Plugin {
  return {
    name: 'error-sanitizer',
    place: 'last',
    guard: true,
    error(error, { started }) {
      if (error.details.upstreamStatus === undefined) return; // the gateway's own message
      // inside a stream the provider sent no status for the error
      const status = started ? '' : ` (HTTP ${error.details.upstreamStatus})`;
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
