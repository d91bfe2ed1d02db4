import type { EndEvent, FunctionCall, Item, StreamEvent } from '../core/contract/canonical.ts';
import { type ErrorCode, GatewayError } from '../core/contract/errors.ts';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { isCodex } from '../core/kit/is-codex.ts';
import { perExchange } from '../core/kit/per-exchange.ts';

/** A typed event resets Codex's idle timer, a comment does not. */
const KEEPALIVE = 'event: keepalive\ndata: {"type":"keepalive"}\n\n';
/**
 * Codex shows the message of a 400 once; any other status but 429 it retries six to thirty times, before 0.169 also
 * 404.
 */
const SHOWN_ONCE = 400;
/** Versions before this discard the message of a 429, and do not retry it either. */
const READS_429 = 155;
/**
 * Failures that Codex retries by itself, keeping the items that are done: a cut always, the others once the answer has
 * begun.
 */
const RETRIED: ReadonlySet<ErrorCode> = new Set(['stream_cut', 'upstream_overloaded', 'upstream_failed']);
/** Codex has messages of its own for these codes in a stream. */
const KNOWN: ReadonlySet<ErrorCode> = new Set(['context_length_exceeded', 'quota_exhausted']);
const CUT = '[The answer was cut off here: it reached the limit of output tokens. Ask to continue.]';
const SILENT = '[The model ended its turn with thoughts only, without an answer. Ask it to go on.]';
const FILTERED = "The provider's content filter stopped this answer. Rephrase the request, or start a new conversation.";

/**
 * Adapts the answer to Codex: sends keepalives that reset its idle timer, errors that it shows once, and an end from
 * which it can continue.
 */
export function codexClient(): Plugin {
  const progress = perExchange(() => ({ made: false, thought: false, answered: false }));

  return {
    name: 'codex-client',
    route(exchange) {
      if (isCodex(exchange)) exchange.keepAlive.frame = KEEPALIVE;
    },
    event(event, exchange) {
      if (event.type === 'item.added') noteItem(progress(exchange), event.item);
      if (event.type === 'item.done') return isCutCall(event.item) && isCodex(exchange) ? [] : undefined;
      if (event.type !== 'end' || !isCodex(exchange)) return;
      const { thought, answered } = progress(exchange);
      if (event.status === 'completed' && thought && !answered) return closedWith(SILENT, event, exchange);
      if (event.status !== 'incomplete') return;
      return event.reason === 'content_filter' ? filtered(event) : closedWith(CUT, event, exchange);
    },
    error(error, exchange) {
      if (!isCodex(exchange)) return;
      return exchange.started ? inStream(error, progress(exchange).made) : beforeHead(error, exchange);
    },
  };
}

/** Half a call must never run. */
function isCutCall(item: Item): item is FunctionCall {
  return item.status === 'incomplete' && (item.type === 'function_call' || item.type === 'custom_tool_call' || item.type === 'local_shell_call');
}

/** A turn of thoughts only ends for Codex without a word: exit 0, and nothing to read. */
function noteItem(progress: { made: boolean; thought: boolean; answered: boolean }, { type }: Item): void {
  progress.made = true;
  if (type === 'reasoning') progress.thought = true;
  else progress.answered = true;
}

/** `incomplete` ends `codex exec` with an error; a text that says what happened lets it end normally. */
function closedWith(text: string, { usage }: EndEvent, exchange: Exchange): StreamEvent[] {
  const key = exchange.newKey();
  return [
    { type: 'item.added', key, item: { type: 'message', role: 'assistant', content: [] } },
    { type: 'item.delta', key, channel: 'text', delta: text },
    { type: 'item.done', key, item: { type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] } },
    { type: 'end', status: 'completed', ...(usage && { usage }) },
  ];
}

/** Codex retries an answer that is `incomplete` for any other reason five times. */
function filtered({ usage }: EndEvent): EndEvent {
  return { type: 'end', status: 'failed', error: new GatewayError('content_filtered', FILTERED), ...(usage && { usage }) };
}

function beforeHead(error: GatewayError, exchange: Exchange): GatewayError | undefined {
  if (error.code === 'unauthorized' || error.status === SHOWN_ONCE) return;
  if ((error.code === 'rate_limited' || error.code === 'quota_exhausted') && minorOf(exchange) >= READS_429) return;
  return error.with({ status: SHOWN_ONCE });
}

/** Returns the minor version of a Codex 0.x; a client that sends no version counts as new. */
function minorOf({ client: { headers } }: Exchange): number {
  const [, minor] = /^codex\S*\/0\.(\d+)/i.exec(String(headers['user-agent'] ?? '')) ?? [];
  return minor === undefined ? Number.POSITIVE_INFINITY : Number(minor);
}

function inStream(error: GatewayError, begun: boolean): GatewayError | undefined {
  if (KNOWN.has(error.code)) return;
  if (error.code === 'rate_limited') {
    // Codex parses the time to wait from the message
    return error.with({
      message: `${error.message.replace(/\s*(please )?try again in .*$/i, '').replace(/\.$/, '')}. Please try again in ${error.details.retryAfter ?? 1}s.`,
    });
  }
  const again = error.code === 'stream_cut' || (begun && RETRIED.has(error.code));
  return error.with({ wireCode: again ? 'server_error' : 'invalid_prompt' });
}
