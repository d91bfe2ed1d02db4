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
  /** What the answer repeats: kept while the model writes, for this client only. */
  messages: readonly Message[];
  texts: string[];
}

/** Has the model summarise the conversation where the client asks for a compaction, and answers with nothing but that: one item, which only this gateway reads. */
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

/** A request to compact that was answered, as a kept response or the client's own list has it: what was compacted is left out, or nothing would be gained. */
function withoutCompacted(input: Item[]): Item[] {
  const at = input.findLastIndex((item, index) => item.type === 'compaction_trigger' && index < input.length - 1);
  if (at < 0) return input;
  const since = input.slice(at + 1);
  const answered = since.findIndex((item) => !isKept(item));
  if (since[answered]?.type !== 'compaction') {
    const param = `input[${at}]`;
    throw new GatewayError('invalid_request', `${param}: a compaction_trigger must be the last item, or have its compaction behind it`, { param });
  }
  return answered === 0 ? [...input.slice(0, at).filter(isKept), ...since] : since; // the answer may repeat the messages itself
}

/** What a summary does not take the place of: what the user said, and the rules. */
function isKept(item: Item): item is Message {
  return item.type === 'message' && item.role !== 'assistant';
}

/** A copy: what follows changes the request in place. */
function inParts(message: Message): Message {
  const content: Content[] = typeof message.content === 'string' ? [{ type: 'input_text', text: message.content }] : message.content;
  return structuredClone({ ...message, content });
}

/** Nothing of the request may lead the model to anything but a text. */
function askForSummary(request: CanonicalRequest): void {
  for (const field of ['tools', 'tool_choice', 'parallel_tool_calls', 'text', 'stop'] as const) delete request[field];
  request.input = request.input.flatMap((item): Item[] => {
    if (item.type === 'additional_tools') return [];
    if (item.type === 'compaction_trigger') return [{ type: 'message', role: 'user', content: INSTRUCTION }];
    // its own lowering would offer what was found
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
  if (sealed === undefined) return fail(new GatewayError('upstream_protocol', `the summary is larger than the 1 MiB a client is given. ${ADVICE}`));
  const items: Item[] = [...messages, { type: 'compaction', encrypted_content: sealed }];
  return [...items.flatMap((item) => whole(item, exchange.newKey())), { type: 'end', status: 'completed', ...(usage && { usage }) }];
}

function whole(item: Item, key: number): StreamEvent[] {
  return [
    { type: 'item.added', key, item },
    { type: 'item.done', key, item },
  ];
}
