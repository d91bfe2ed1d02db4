import type { Channel, EndEvent, Item, Logprob, StreamEvent, Usage } from '../../../contract/canonical.ts';
import type { Clock } from '../../../contract/clock.ts';
import { GatewayError } from '../../../contract/errors.ts';
import { itemId } from '../../../kit/item-id.ts';
import type { Answer } from '../../front-door.ts';
import { encodeLogprobs } from '../../logprobs.ts';
import { wireCode } from '../../openai-error.ts';
import { quote } from '../../quote.ts';
import { encodeItem, encodePart, type Part, partsOf } from './encode-item.ts';
import { encodeUsage } from './encode-usage.ts';
import { DELTA, DONE, deltaEnd, type Place, partName, place } from './part-events.ts';
import { type ResponseHead, seconds } from './response-head.ts';

interface OpenItem extends Place {
  /** Characters that were streamed, by announced part; a call's text counts as one. */
  readonly parts: Map<string, { sent: number }>;
  part: { sent: number };
  notes: Record<string, unknown>[];
  /** Constant pieces of one part's delta events, before and after the number. */
  prefix: string;
  suffix: string;
  written: `${Channel}${number}` | '';
}

const ID_PREFIX: Record<string, string> = {
  message: 'msg',
  function_call: 'fc',
  custom_tool_call: 'ctc',
  reasoning: 'rs',
  local_shell_call: 'lsh',
  compaction: 'cmp',
};

/**
 * Writes canonical events as Responses events: sequence numbers, positions, content parts, `.done` repeats, the final
 * response.
 */
export class ResponsesAnswer implements Answer {
  readonly #head: ResponseHead;
  readonly #clock: Clock;
  readonly #open = new Map<number, OpenItem>();
  readonly #output: string[] = [];
  #sequence = 0;
  #items = 0;
  #started = false;
  #text = '';
  body = '';

  constructor(head: ResponseHead, clock: Clock) {
    this.#head = head;
    this.#clock = clock;
  }

  get id(): string {
    return this.#head.id;
  }

  take(): string {
    const text = this.#text;
    this.#text = '';
    return text;
  }

  write(event: StreamEvent): void {
    if (event.type === 'item.delta') return this.#delta(event.key, event.channel, event.delta, event.part ?? 0, event.logprobs);
    this.#start();
    switch (event.type) {
      case 'item.added':
        this.#added(event.key, event.item);
        return;
      case 'item.note':
        return this.#note(event.key, event.note);
      case 'item.done':
        return this.#done(event.key, event.item);
      case 'end':
        return this.#end(event);
    }
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    const response = this.#snapshot('in_progress', {});
    this.#event('response.created', `"response":${response}`);
    this.#event('response.in_progress', `"response":${response}`);
  }

  #added(key: number, item: Item): OpenItem {
    const index = this.#items++;
    const id = item.id || itemId(ID_PREFIX[item.type] ?? 'item', this.id, index);
    const open: OpenItem = { id, index, parts: new Map(), part: { sent: 0 }, notes: [], prefix: '', suffix: '', written: '' };
    this.#open.set(key, open);
    this.#event('response.output_item.added', `"output_index":${open.index},"item":${encodeItem(item, id, 'in_progress', [])}`);
    return open;
  }

  #delta(key: number, channel: Channel, delta: string, part: number, logprobs?: readonly Logprob[]): void {
    const open = this.#open.get(key);
    if (!open) return;
    if (open.written !== `${channel}${part}`) this.#turnTo(open, channel, part);
    open.part.sent += delta.length;
    // ids and positions are fixed per part: only the number and the text are new
    this.#text += open.prefix + this.#sequence++ + open.suffix + quote(delta) + deltaEnd(channel, logprobs);
  }

  #turnTo(open: OpenItem, channel: Channel, part: number): void {
    open.written = `${channel}${part}`;
    open.part = this.#addPart(open, channel, part);
    const type = DELTA[channel];
    open.prefix = `event: ${type}\ndata: {"type":"${type}","sequence_number":`;
    open.suffix = `,${place(open, channel, part)},"delta":`;
  }

  #addPart(open: OpenItem, channel: Channel, part: number): { sent: number } {
    const name = partName(channel, part);
    const known = open.parts.get(name);
    if (known) return known;
    const added = { sent: 0 };
    open.parts.set(name, added);
    if (channel === 'arguments' || channel === 'input') return added;
    const type = channel === 'summary' ? 'response.reasoning_summary_part.added' : 'response.content_part.added';
    this.#event(type, `${place(open, channel, part)},"part":${encodePart(channel, '""', [])}`);
    return added;
  }

  #note(key: number, note: Record<string, unknown>): void {
    const open = this.#open.get(key);
    if (!open) return;
    this.#addPart(open, 'text', 0);
    const at = `${place(open, 'text', 0)},"annotation_index":${open.notes.length}`;
    open.notes.push(note);
    this.#event('response.output_text.annotation.added', `${at},"annotation":${JSON.stringify(note)}`);
  }

  #done(key: number, item: Item): void {
    const open = this.#open.get(key) ?? this.#added(key, item);
    const at = `"item_id":"${open.id}","output_index":${open.index}`;
    if (item.type === 'function_call') this.#rest(key, open, 'arguments', 0, item.arguments);
    if (item.type === 'custom_tool_call') this.#rest(key, open, 'input', 0, item.input);
    if (item.type === 'function_call')
      this.#event('response.function_call_arguments.done', `${at},"name":${JSON.stringify(item.name)},"arguments":${JSON.stringify(item.arguments)}`);
    if (item.type === 'custom_tool_call') this.#event('response.custom_tool_call_input.done', `${at},"input":${JSON.stringify(item.input)}`);
    for (const part of partsOf(item)) {
      this.#rest(key, open, part.channel, part.part, part.text, part.logprobs);
      this.#finishPart(open, part);
    }
    this.#open.delete(key);
    const encoded = encodeItem(item, open.id, item.status ?? 'completed', open.notes);
    this.#output[open.index] = encoded;
    this.#event('response.output_item.done', `"output_index":${open.index},"item":${encoded}`);
  }

  /** Streams the rest of a whole item: a client that reads the deltas alone must miss nothing. */
  #rest(key: number, { parts }: OpenItem, channel: Channel, part: number, text: string, logprobs?: readonly Logprob[]): void {
    const sent = parts.get(partName(channel, part))?.sent ?? 0;
    const rest = text.slice(sent);
    if (rest) this.#delta(key, channel, rest, part, sent === 0 ? logprobs : undefined);
  }

  #finishPart(open: OpenItem, { channel, part, text, logprobs }: Part): void {
    this.#addPart(open, channel, part);
    const at = place(open, channel, part);
    const quoted = JSON.stringify(text);
    const likely = JSON.stringify(encodeLogprobs(logprobs));
    this.#event(DONE[channel], `${at},"${channel === 'refusal' ? 'refusal' : 'text'}":${quoted}${channel === 'text' ? `,"logprobs":${likely}` : ''}`);
    this.#event(
      channel === 'summary' ? 'response.reasoning_summary_part.done' : 'response.content_part.done',
      `${at},"part":${encodePart(channel, quoted, open.notes, likely)}`,
    );
  }

  #end({ status, reason, usage, error }: EndEvent): void {
    const failure = status === 'failed' ? (error ?? new GatewayError('stream_cut', 'the answer failed')) : undefined;
    this.finish(status, this.#snapshot(status, { usage, failure, reason }));
  }

  /** Writes the last event. `body`: the final response. */
  finish(status: EndEvent['status'], body: string): void {
    this.body = body;
    this.#event(`response.${status}`, `"response":${body}`);
  }

  #event(type: string, fields: string): void {
    this.#text += `event: ${type}\ndata: {"type":"${type}","sequence_number":${this.#sequence++},${fields}}\n\n`;
  }

  #snapshot(
    status: string,
    { usage, failure, reason }: { usage?: Usage | undefined; failure?: GatewayError | undefined; reason?: string | undefined },
  ): string {
    const { id, created, model, echo } = this.#head;
    const completed = status === 'completed' ? seconds(this.#clock) : 'null';
    const error = failure ? JSON.stringify({ code: wireCode(failure), message: failure.message }) : 'null';
    return (
      `{"id":"${id}","object":"response","created_at":${created},"completed_at":${completed},"status":"${status}",` +
      `"model":${JSON.stringify(model)},"output":[${this.#output.filter(Boolean).join(',')}],"usage":${encodeUsage(usage)},` +
      `"error":${error},"incomplete_details":${reason ? JSON.stringify({ reason }) : 'null'},${echo}}`
    );
  }
}
