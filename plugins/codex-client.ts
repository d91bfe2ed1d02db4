import type { EndEvent, FunctionCall, Item, StreamEvent } from '../core/contract/canonical.ts';
import { type ErrorCode, GatewayError } from '../core/contract/errors.ts';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { perExchange } from '../core/kit/per-exchange.ts';

/** A comment does not reset Codex's idle timer, a typed event does. */
const KEEPALIVE = 'event: keepalive\ndata: {"type":"keepalive"}\n\n';
/** Codex shows the text of a 400 once; at any other status but 429 it asks six to thirty times, before 0.169 also at 404. */
const TOLD_ONCE = 400;
/** Versions before this throw the text of a 429 away, and do not ask again either. */
const READS_429 = 155;
/** Worth another attempt, which Codex makes by itself, keeping what is done: a cut always, the others when the answer had begun. */
const RETRIED: ReadonlySet<ErrorCode> = new Set(['stream_cut', 'upstream_overloaded', 'upstream_failed']);
/** In the stream Codex has words of its own for these. */
const KNOWN: ReadonlySet<ErrorCode> = new Set(['context_length_exceeded', 'quota_exhausted']);
const CUT = '[The answer was cut off here: it reached the limit of output tokens. Ask to continue.]';
const FILTERED = "The provider's content filter stopped this answer. Rephrase the request, or start a new conversation.";

/** Speaks Codex's accent: keepalives that it counts, errors that it shows once, an end that it can go on from. */
export function codexClient(): Plugin {
  const isCodex = perExchange(({ client: { headers } }) => /^codex/i.test(String(headers['originator'] ?? headers['user-agent'] ?? '')));

  const progress = perExchange(() => ({ made: false }));

  return {
    name: 'codex-client',
    route(exchange) {
      if (isCodex(exchange)) exchange.keepAlive.frame = KEEPALIVE;
    },
    event(event, exchange) {
      if (event.type === 'item.added') progress(exchange).made = true;
      if (event.type === 'item.done') return isCutCall(event.item) && isCodex(exchange) ? [] : undefined;
      if (event.type !== 'end' || event.status !== 'incomplete' || !isCodex(exchange)) return;
      return event.reason === 'content_filter' ? filtered(event) : cutOff(event, exchange);
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

/** `incomplete` ends `codex exec` with an error; a text that says so lets it end well. */
function cutOff({ usage }: EndEvent, exchange: Exchange): StreamEvent[] {
  const key = exchange.newKey();
  return [
    { type: 'item.added', key, item: { type: 'message', role: 'assistant', content: [] } },
    { type: 'item.delta', key, channel: 'text', delta: CUT },
    { type: 'item.done', key, item: { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: CUT }] } },
    { type: 'end', status: 'completed', ...(usage && { usage }) },
  ];
}

/** `incomplete` for any other reason is asked again five times. */
function filtered({ usage }: EndEvent): EndEvent {
  return { type: 'end', status: 'failed', error: new GatewayError('content_filtered', FILTERED), ...(usage && { usage }) };
}

function beforeHead(error: GatewayError, exchange: Exchange): GatewayError | undefined {
  if (error.code === 'unauthorized' || error.status === TOLD_ONCE) return;
  if ((error.code === 'rate_limited' || error.code === 'quota_exhausted') && minorOf(exchange) >= READS_429) return;
  return error.with({ status: TOLD_ONCE });
}

/** Of a Codex 0.x; one that does not tell is taken to be new. */
function minorOf({ client: { headers } }: Exchange): number {
  const [, minor] = /^codex\S*\/0\.(\d+)/i.exec(String(headers['user-agent'] ?? '')) ?? [];
  return minor === undefined ? Number.POSITIVE_INFINITY : Number(minor);
}

function inStream(error: GatewayError, begun: boolean): GatewayError | undefined {
  if (KNOWN.has(error.code)) return;
  if (error.code === 'rate_limited') {
    // Codex reads how long to wait from the text
    return error.with({
      message: `${error.message.replace(/\s*(please )?try again in .*$/i, '').replace(/\.$/, '')}. Please try again in ${error.details.retryAfter ?? 1}s.`,
    });
  }
  const again = error.code === 'stream_cut' || (begun && RETRIED.has(error.code));
  return error.with({ wireCode: again ? 'server_error' : 'invalid_prompt' });
}
