import type { ErrorCode, GatewayError } from '../core/contract/errors.ts';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { perExchange } from '../core/kit/per-exchange.ts';

/**
 * Claude Code retries a 400 six times, and a 401 for half a minute or more; at these statuses it stops and shows the
 * message.
 */
const NO_KEY = 403;
const SHOWN_ONCE = 406;
/** Does not name the header: Claude Code reads a message that does as "not logged in at Anthropic". */
const OWN_KEY = "this gateway's API key is missing or wrong: set ANTHROPIC_AUTH_TOKEN to it";
/** Generic 400s: none of the changes with which Claude Code would retry the request helps. */
const ASKED_AGAIN: ReadonlySet<ErrorCode> = new Set(['invalid_request', 'unsupported_parameter', 'unsupported_value', 'missing_parameter', 'content_filtered']);
/** Failures that may pass, and are worth another attempt. */
const PASSING: ReadonlySet<ErrorCode> = new Set([
  'rate_limited',
  'stream_cut',
  'upstream_failed',
  'upstream_overloaded',
  'upstream_protocol',
  'upstream_timeout',
  'upstream_unreachable',
]);
const CHARACTERS_PER_TOKEN = 4;
/** A smaller number in a provider's message is not a number of tokens. */
const LEAST = 1_000;

/**
 * Adapts errors to Claude Code: uses the statuses at which it stops and shows the message, and reports a prompt that
 * is too long in the words that it parses.
 */
export function claudeCodeClient(): Plugin {
  const isClaudeCode = perExchange(({ client }) => client.dialect === 'messages' && /^claude-(cli|code)\//i.test(String(client.headers['user-agent'] ?? '')));

  return {
    name: 'claude-code-client',
    error(error, exchange) {
      if (!isClaudeCode(exchange)) return;
      if (error.code === 'context_length_exceeded') return tooLong(error, exchange);
      // a failure before any content makes Claude Code retry with a stream; a later one makes it retry without a
      // stream, and then it gets the status
      if (exchange.started) return PASSING.has(error.code) ? error.with({ wireCode: 'overloaded_error' }) : undefined;
      return beforeHead(error, exchange);
    },
  };
}

function beforeHead(error: GatewayError, { lane }: Exchange): GatewayError | undefined {
  if (error.code === 'unauthorized') return error.with({ status: NO_KEY, wireCode: 'permission_error', message: OWN_KEY });
  if (error.code === 'upstream_authentication') return error.with({ status: NO_KEY, wireCode: 'permission_error' });
  if (error.code === 'quota_exhausted') return error.with({ status: 429, wireCode: 'rate_limit_error' });
  // in the native lane Claude Code's retry may drop just the field that the provider does not know
  if (ASKED_AGAIN.has(error.code) && lane === 'translated') return error.with({ status: SHOWN_ONCE, wireCode: 'invalid_request_error' });
}

/** Claude Code reads both numbers from the message, and compacts. */
function tooLong(error: GatewayError, { preset, model, client }: Exchange): GatewayError | undefined {
  if (/^prompt is too long: \d+ tokens > \d+ maximum/.test(error.message)) return;
  const numbers = (error.message.match(/\d[\d,]*/g) ?? []).map((number) => Number(number.replaceAll(',', ''))).filter((number) => number >= LEAST);
  const [largest, second] = [...new Set(numbers)].sort((one, other) => other - one);
  const window = preset.models.find(({ id }) => id === model)?.contextWindow ?? largest;
  if (window === undefined) return;
  const asked = Math.ceil(Number(client.headers['content-length'] ?? 0) / CHARACTERS_PER_TOKEN) || 0;
  const [tokens, maximum] = second === undefined || largest === undefined ? [Math.max(asked, window + 1), window] : [largest, second];
  return error.with({ message: `prompt is too long: ${tokens} tokens > ${maximum} maximum` });
}
