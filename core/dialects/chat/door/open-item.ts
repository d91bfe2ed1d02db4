import type { Channel } from '../../../contract/canonical.ts';

/** Where a text is told. */
export type Field = 'content' | 'refusal' | 'reasoning_content';
/** What was written of an item that is not done. */
export interface OpenItem {
  /** Its place among all items. */
  readonly place: number;
  /** Characters written of each field; of a call, of its arguments. */
  content: number;
  refusal: number;
  reasoning_content: number;
  written: number;
  /** Deltas told how likely its tokens were. */
  hasLogprobs: boolean;
  /** Of a call: what stands before and after its text, once its name was told. */
  before: string;
  after: string;
  /** Whose deltas are told: of a call's forms its own; reasoning comes as a summary, as itself, or as both, and the first is told. */
  channel: Channel | undefined;
  part: number;
}

export function openItem(place: number): OpenItem {
  return { place, content: 0, refusal: 0, reasoning_content: 0, written: 0, hasLogprobs: false, before: '', after: '', channel: undefined, part: 0 };
}
