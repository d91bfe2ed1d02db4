import type { Channel, Content, Item } from '../../canonical.ts';

/** The channels whose text stands in a part of its own. */
export type PartChannel = Exclude<Channel, 'arguments' | 'input'>;

interface Part {
  channel: PartChannel;
  /** Its place among those of its list. */
  part: number;
  text: string;
}

/** The parts of an item in which its text is told, in order. */
export function partsOf(item: Item): Part[] {
  const read = (parts: readonly Content[], channel: PartChannel) =>
    parts.map(
      (each, part): Part =>
        each.type === 'refusal' ? { channel: 'refusal', part, text: each.refusal } : { channel, part, text: 'text' in each ? each.text : '' },
    );
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
  const content = parts.map((part) => (part.type === 'output_text' ? { ...part, annotations: notes, logprobs: [] } : part));
  return JSON.stringify({ ...item, content, id, status });
}

/** A content part, as JSON. `text` is JSON already. */
export function encodePart(channel: PartChannel, text: string, notes: readonly unknown[]): string {
  if (channel === 'text') return `{"type":"output_text","text":${text},"annotations":${JSON.stringify(notes)},"logprobs":[]}`;
  if (channel === 'refusal') return `{"type":"refusal","refusal":${text}}`;
  return `{"type":"${channel === 'summary' ? 'summary_text' : 'reasoning_text'}","text":${text}}`;
}
