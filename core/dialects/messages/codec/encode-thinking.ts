import type { CanonicalRequest } from '../../../contract/canonical.ts';
import type { Exchange } from '../../../contract/exchange.ts';
import type { MessagesRequest } from '../../../kit/messages-wire.ts';

/** Thinking budget of each effort, in tokens. */
const BUDGETS = new Map([
  ['minimal', 1_024],
  ['low', 2_048],
  ['medium', 8_192],
  ['high', 24_576],
  ['xhigh', 32_768],
  ['max', 65_536],
]);
/** Messages refuses a smaller budget. */
const LEAST = 1_024;
/** Tokens left for the answer in any limit: at least these, or a quarter of it. */
const LEFT = 1_024;
/** Tokens left for the answer, if the gateway chooses the limit. */
const ROOM = 8_192;

/**
 * Asks for as much thinking as the effort is worth, unless something in the request forbids it, and takes out fields
 * that do not go with thinking.
 */
export function encodeThinking({ reasoning, max_output_tokens: limit }: CanonicalRequest, body: MessagesRequest, exchange: Exchange): void {
  const { effort } = reasoning ?? {};
  if (effort == null) return;
  const worth = BUDGETS.get(effort);
  if (worth === undefined) {
    if (effort === 'none') body.thinking = { type: 'disabled' };
    else exchange.warn({ param: 'reasoning.effort', reason: 'unknown' });
    return;
  }
  if (!beginsWithThought(body)) {
    // the provider refuses to go on thinking without the beginning of its turn
    body.thinking = { type: 'disabled' };
    return exchange.warn({ param: 'reasoning.effort', reason: 'the_thoughts_of_this_turn_are_missing' });
  }
  const budget = limit == null ? chooseBudget(worth, body, exchange) : Math.min(worth, withRoom(limit));
  if (budget < LEAST) return exchange.warn({ param: 'reasoning.effort', reason: 'too_few_output_tokens' });
  body.thinking = { type: 'enabled', budget_tokens: budget };
  withoutRivals(body, exchange);
}

/** A turn that goes on after tool calls must begin with thinking; earlier turns need not. */
function beginsWithThought({ messages }: MessagesRequest): boolean {
  const last = messages.findLast(({ role }) => role === 'assistant');
  if (!last || typeof last.content === 'string') return last === undefined || last !== messages.at(-1);
  const goesOn = last === messages.at(-1) || last.content.some(({ type }) => type === 'tool_use');
  const [first] = last.content;
  return !goesOn || first?.type === 'thinking' || first?.type === 'redacted_thinking';
}

/** Thinking counts as output: a limit that the gateway chose grows with it, up to the model's own. */
function chooseBudget(worth: number, body: MessagesRequest, { preset, model }: Exchange): number {
  const most = preset.models.find(({ id }) => id === model)?.maxOutput;
  body.max_tokens = Math.max(body.max_tokens, Math.min(worth + ROOM, most ?? Number.POSITIVE_INFINITY));
  return Math.min(worth, withRoom(body.max_tokens));
}

/** The most that thinking may take of a limit: the rest is for the answer. */
function withRoom(limit: number): number {
  return limit - Math.min(ROOM, Math.max(LEFT, Math.ceil(limit / 4)));
}

function withoutRivals(body: MessagesRequest, exchange: Exchange): void {
  const drop = (param: 'temperature' | 'top_p' | 'top_k') => {
    delete body[param];
    exchange.warn({ param, reason: 'not_while_thinking' });
  };
  if (body.temperature !== undefined && body.temperature !== 1) drop('temperature');
  if (body.top_p !== undefined && body.top_p < 0.95) drop('top_p');
  if (body.top_k !== undefined) drop('top_k');
  const { tool_choice: choice } = body;
  if (choice?.type !== 'any' && choice?.type !== 'tool') return;
  const { name: _, ...rest } = choice;
  body.tool_choice = { ...rest, type: 'auto' };
  exchange.warn({ param: 'tool_choice', reason: 'not_while_thinking' });
}
