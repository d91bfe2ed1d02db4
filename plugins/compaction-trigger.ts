import type { CanonicalRequest, Content, EndEvent, Item, Message, StreamEvent } from '../core/contract/canonical.ts';
import { GatewayError } from '../core/contract/errors.ts';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { seal } from '../core/kit/envelope.ts';
import { perExchange } from '../core/kit/per-exchange.ts';
import { toolNamesOf } from '../core/kit/tool-references.ts';

const INSTRUCTION = `This conversation is about to be replaced by a summary, and you write it now. Whoever continues the work will see your summary and the user's own messages, and nothing else of what was said, called or read so far.

Do not continue the task, and call no tool. Answer with the summary alone, as plain text:
- what the user wants, with every requirement, limit and preference that was stated;
- what was done, what was decided and why, what was tried and failed;
- facts that would have to be found out again: paths, names, commands, versions, numbers, error messages, word for word;
- in which state everything is now, and what is left to do, in order, the next step first.`;
const CUT = '[The summary ends here because it reached the limit of output tokens: something may be missing. Check what you need before you rely on it.]';
const ADVICE = 'Nothing was compacted: try again, choose another model, or start a new session.';

interface Run {
  /** The client asked for a compaction. */
  asked: boolean;
  /** The messages that the answer repeats, for this client only; kept while the model writes. */
  messages: readonly Message[];
  texts: string[];
}

/**
 * Asks the model for a summary when the client requests a compaction. The answer holds nothing else: one item, which
 * only this gateway can read.
 */
export function compactionTrigger(): Plugin {
  const runs = perExchange((): Run => ({ asked: false, messages: [], texts: [] }));

  return {
    name: 'compaction-trigger',
    request(request, exchange) {
      request.input = withoutCompacted(request.input);
      const trigger = request.input.at(-1);
      if (trigger?.type !== 'compaction_trigger') return;
      Object.assign(runs(exchange), { asked: true, messages: trigger.with_messages ? request.input.filter(isKept).map(inParts) : [] });
      askForSummary(request);
    },
    event(event, exchange) {
      const run = runs(exchange);
      if (!run.asked || event.type === 'start') return;
      if (event.type === 'end') return finish(event, run, exchange);
      if (event.type === 'item.done' && event.item.type === 'message') run.texts.push(spoken(event.item.content));
      return [];
    },
  };
}

/**
 * Drops the items that an earlier compaction already covers, whether the input is a kept response or the client's own
 * list; otherwise compacting would save nothing.
 */
function withoutCompacted(input: Item[]): Item[] {
  const at = input.findLastIndex((item, index) => item.type === 'compaction_trigger' && index < input.length - 1);
  if (at < 0) return input;
  const since = input.slice(at + 1);
  const answered = since.findIndex((item) => !isKept(item));
  if (since[answered]?.type !== 'compaction') {
    const param = `input[${at}]`;
    throw new GatewayError('invalid_request', `${param}: a compaction_trigger must be the last item, or be followed by its compaction`, { param });
  }
  // the answer may repeat the messages itself
  return answered === 0 ? [...input.slice(0, at).filter(isKept), ...since] : since;
}

/** A summary does not replace the user's messages, nor system and developer messages. */
function isKept(item: Item): item is Message {
  return item.type === 'message' && item.role !== 'assistant';
}

/** Returns a copy, because later steps change the request in place. */
function inParts(message: Message): Message {
  const content: Content[] = typeof message.content === 'string' ? [{ type: 'input_text', text: message.content }] : message.content;
  return structuredClone({ ...message, content });
}

/** Removes every field that could lead the model to anything but text. */
function askForSummary(request: CanonicalRequest): void {
  for (const field of ['tools', 'tool_choice', 'parallel_tool_calls', 'text', 'stop'] as const) delete request[field];
  request.input = request.input.flatMap((item): Item[] => {
    if (item.type === 'additional_tools') return [];
    if (item.type === 'compaction_trigger') return [{ type: 'message', role: 'user', content: INSTRUCTION }];
    // the item's own lowering would offer the tools that were found
    if (item.type === 'tool_search_output') return [{ type: 'function_call_output', call_id: item.call_id, output: toolNamesOf(item.tools).join(', ') }];
    return [item];
  });
}

function spoken(content: Message['content']): string {
  if (typeof content === 'string') return content;
  return content.flatMap((part) => (part.type === 'output_text' ? part.text : [])).join('\n');
}

function finish(end: EndEvent, { messages, texts }: Run, exchange: Exchange): StreamEvent[] | undefined {
  const { status, reason, usage } = end;
  if (status === 'failed') return undefined;
  const fail = (error: GatewayError): StreamEvent[] => [{ type: 'end', status: 'failed', error, ...(usage && { usage }) }];
  if (reason === 'content_filter') return fail(new GatewayError('content_filtered', `the provider's content filter stopped the summary. ${ADVICE}`));
  const cut = status === 'incomplete';
  const summary = texts
    .map((text) => text.trim())
    .filter(Boolean)
    .join('\n\n');
  if (summary === '')
    return fail(new GatewayError('upstream_protocol', `the model wrote no summary${cut ? ' within its limit of output tokens' : ''}. ${ADVICE}`));
  if (cut) exchange.warn({ param: 'compaction', reason: 'the_summary_was_cut_off' });
  const sealed = seal({ preset: exchange.preset.name, model: exchange.model }, cut ? `${summary}\n\n${CUT}` : summary, 'compaction');
  if (sealed === undefined)
    return fail(new GatewayError('upstream_protocol', `the summary is larger than 1 MiB, the most that is sent to a client. ${ADVICE}`));
  const items: Item[] = [...messages, { type: 'compaction', encrypted_content: sealed }];
  return [...items.flatMap((item) => whole(item, exchange.newKey())), { type: 'end', status: 'completed', ...(usage && { usage }) }];
}

function whole(item: Item, key: number): StreamEvent[] {
  return [
    { type: 'item.added', key, item },
    { type: 'item.done', key, item },
  ];
}
