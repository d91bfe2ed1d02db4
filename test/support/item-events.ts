import type { Item, StreamEvent } from '../../core/contract/canonical.ts';

type Channel = Extract<StreamEvent, { type: 'item.delta' }>['channel'];

export function added(key: number, item: Item): StreamEvent {
  return { type: 'item.added', key, item };
}

export function delta(key: number, channel: Channel, text: string, part?: number): StreamEvent {
  return { type: 'item.delta', key, channel, delta: text, ...(part !== undefined && { part }) };
}

export function done(key: number, item: Item): StreamEvent {
  return { type: 'item.done', key, item };
}
