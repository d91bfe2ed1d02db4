import type { Channel } from '../../../contract/canonical.ts';

/** The field of a delta that carries a text. */
export type Field = 'content' | 'refusal' | 'reasoning_content';
/** Progress of an unfinished item. */
export interface OpenItem {
  /** Its position among all items. */
  readonly place: number;
  /** Characters written to each field; `written` counts a call's arguments. */
  content: number;
  refusal: number;
  reasoning_content: number;
  written: number;
  /** Its deltas carried log probabilities. */
  hasLogprobs: boolean;
  /** JSON before and after a delta of a call's text, once its name was sent. */
  before: string;
  after: string;
  /**
   * The channel whose deltas are sent: a call has one; reasoning comes as a summary, in full, or as both, and the
   * first one wins.
   */
  channel: Channel | undefined;
  part: number;
}

export function openItem(place: number): OpenItem {
  return { place, content: 0, refusal: 0, reasoning_content: 0, written: 0, hasLogprobs: false, before: '', after: '', channel: undefined, part: 0 };
}
