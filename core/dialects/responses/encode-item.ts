import type { Channel, Content, Item } from '../../canonical.ts';

/** The channels whose text stands in a part of its own. */
export type PartChannel = Exclude<Channel, 'arguments' | 'input'>;

/** The parts of an item in which its text is told, in order. */
export function partsOf(item: Item): { channel: PartChannel; text: string }[] {
  const read = (part: Content, channel: PartChannel): { channel: PartChannel; text: string } =>
    part.type === 'refusal' ? { channel: 'refusal', text: part.refusal } : { channel, text: 'text' in part ? part.text : '' };
  if (item.type === 'message')
    return typeof item.content === 'string' ? [{ channel: 'text', text: item.content }] : item.content.map((part) => read(part, 'text'));
  if (item.type !== 'reasoning') return [];
  return item.summary.length > 0 ? item.summary.map((part) => read(part, 'summary')) : (item.content ?? []).map((part) => read(part, 'reasoning'));
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
