import type { Channel, Content, Item, Logprob } from '../../../contract/canonical.ts';
import { encodeLogprobs } from '../../logprobs.ts';

/** The channels whose text stands in a part of its own. */
export type PartChannel = Exclude<Channel, 'arguments' | 'input'>;

export interface Part {
  channel: PartChannel;
  /** Its position in its list. */
  part: number;
  text: string;
  logprobs?: Logprob[] | undefined;
}

/** The parts of an item that hold its text, in order. */
export function partsOf(item: Item): Part[] {
  const read = (parts: readonly Content[], channel: PartChannel) =>
    parts.map((each, part): Part => {
      if (each.type === 'refusal') return { channel: 'refusal', part, text: each.refusal };
      return 'text' in each ? { channel, part, text: each.text, logprobs: each.logprobs } : { channel, part, text: '' };
    });
  if (item.type === 'message') return typeof item.content === 'string' ? [{ channel: 'text', part: 0, text: item.content }] : read(item.content, 'text');
  return item.type === 'reasoning' ? [...read(item.summary, 'summary'), ...read(item.content ?? [], 'reasoning')] : [];
}

/** An item of a response, as JSON. `notes`: the annotations of its text. */
export function encodeItem(item: Item, id: string, status: string, notes: readonly unknown[]): string {
  if (item.type === 'reasoning' || item.type === 'compaction') {
    const { status: _, ...whole } = item;
    return JSON.stringify({ ...whole, id });
  }
  if (item.type !== 'message') return JSON.stringify({ ...item, id, status });
  const parts: Content[] = typeof item.content === 'string' ? [{ type: 'output_text', text: item.content }] : item.content;
  const content = parts.map((part) => {
    if (part.type === 'output_text') return { ...part, annotations: notes, logprobs: encodeLogprobs(part.logprobs) };
    // a refusal has room for neither notes nor log probabilities
    return part.type === 'refusal' ? { type: part.type, refusal: part.refusal } : part;
  });
  return JSON.stringify({ ...item, content, id, status });
}

/** A content part, as JSON. `text` and `logprobs` are JSON already. */
export function encodePart(channel: PartChannel, text: string, notes: readonly unknown[], logprobs = '[]'): string {
  if (channel === 'text') return `{"type":"output_text","text":${text},"annotations":${JSON.stringify(notes)},"logprobs":${logprobs}}`;
  if (channel === 'refusal') return `{"type":"refusal","refusal":${text}}`;
  return `{"type":"${channel === 'summary' ? 'summary_text' : 'reasoning_text'}","text":${text}}`;
}
