import type { ErrorCode, GatewayError } from '../core/contract/errors.ts';
import type { ClientHeaders, Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { perExchange } from '../core/kit/per-exchange.ts';
import { promptFits } from '../core/kit/prompt-fits.ts';

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
  'upstream_timeout',
  'upstream_unreachable',
]);
const CHARACTERS_PER_TOKEN = 4;

/**
 * Adapts errors to Claude Code: uses the statuses at which it stops and shows the message, and reports a prompt that
 * is too long in the words that it parses.
 */
export function claudeCodeClient(): Plugin {
  const isClaudeCode = perExchange(({ client: { dialect, headers } }) => dialect === 'messages' && isItself(headers));

  return {
    name: 'claude-code-client',
    error(error, exchange) {
      if (!isClaudeCode(exchange)) return;
      if (error.code === 'context_length_exceeded') return tooLong(error, exchange);
      // a failure before any content makes Claude Code retry with a stream; a later one makes it retry without a
      // stream, and then it gets the status
      if (exchange.started && error.code === 'upstream_protocol') return error.with({ wireCode: 'invalid_request_error' });
      if (exchange.started) return PASSING.has(error.code) ? error.with({ wireCode: 'overloaded_error' }) : undefined;
      return beforeHead(error, exchange);
    },
  };
}

/**
 * qwen-code gives the same name with its own version, 0.24, and no session. Older versions of Claude Code sent no
 * session either, but are at 1 and above.
 */
function isItself(headers: ClientHeaders): boolean {
  const [, major] = /^claude-(?:cli|code)\/(\d{1,4})/i.exec(String(headers['user-agent'] ?? '')) ?? [];
  return major !== undefined && (headers['x-claude-code-session-id'] !== undefined || Number(major) > 0);
}

function beforeHead(error: GatewayError, { lane }: Exchange): GatewayError | undefined {
  if (error.code === 'unauthorized') return error.with({ status: NO_KEY, wireCode: 'permission_error', message: OWN_KEY });
  if (error.code === 'upstream_authentication')
    return error.with({ status: NO_KEY, wireCode: 'permission_error', message: error.message.replaceAll(/\bx-api-key\b/gi, 'API key') });
  if (error.code === 'quota_exhausted') return error.with({ status: 429, wireCode: 'rate_limit_error' });
  if (error.code === 'upstream_protocol') return error.with({ status: SHOWN_ONCE, wireCode: 'invalid_request_error' });
  // in the native lane Claude Code's retry may drop just the field that the provider does not know
  if (ASKED_AGAIN.has(error.code) && lane === 'translated') return error.with({ status: SHOWN_ONCE, wireCode: 'invalid_request_error' });
}

/** Claude Code reads both numbers from the message, and compacts. */
function tooLong(error: GatewayError, { preset, model, client }: Exchange): GatewayError | undefined {
  const { tokens = {} } = error.details;
  // the front door asks Claude Code to ask again for less
  if (promptFits(tokens) || /^prompt is too long: \d+ tokens > \d+ maximum/.test(error.message)) return;
  const { window = preset.models.find(({ id }) => id === model)?.contextWindow } = tokens;
  if (window === undefined) return;
  const { prompt = Math.ceil(Number(client.headers['content-length'] ?? 0) / CHARACTERS_PER_TOKEN) || 0 } = tokens;
  return error.with({ message: `prompt is too long: ${Math.max(prompt, window + 1)} tokens > ${window} maximum` });
}
