/** Names of the events of a part, and the fields that say which part they belong to. */
import type { Channel, Logprob } from '../../../contract/canonical.ts';
import { encodeLogprobs } from '../../logprobs.ts';
import type { PartChannel } from './encode-item.ts';

/** Place of an item in the response. */
export interface Place {
  readonly id: string;
  readonly index: number;
}

/** The event that goes on with a text. */
export const DELTA: Record<Channel, string> = {
  text: 'response.output_text.delta',
  refusal: 'response.refusal.delta',
  summary: 'response.reasoning_summary_text.delta',
  reasoning: 'response.reasoning_text.delta',
  arguments: 'response.function_call_arguments.delta',
  input: 'response.custom_tool_call_input.delta',
};
/** The event that repeats a text once it is whole. */
export const DONE: Record<PartChannel, string> = {
  text: 'response.output_text.done',
  refusal: 'response.refusal.done',
  summary: 'response.reasoning_summary_text.done',
  reasoning: 'response.reasoning_text.done',
};

/** Names a part within its item. A refusal and a text stand in one list. */
export function partName(channel: Channel, part: number): string {
  return `${channel === 'refusal' ? 'text' : channel}${part}`;
}

/** The fields that say which item and part an event belongs to, as JSON without braces. */
export function place({ id, index }: Place, channel: Channel, part: number): string {
  const at = `"item_id":"${id}","output_index":${index}`;
  if (channel === 'arguments' || channel === 'input') return at;
  return `${at},"${channel === 'summary' ? 'summary_index' : 'content_index'}":${part}`;
}

/** The end of a delta event, behind its text: nearly always the same. */
export function deltaEnd(channel: Channel, logprobs: readonly Logprob[] | undefined): string {
  if (channel !== 'text') return '}\n\n';
  return logprobs ? `,"logprobs":${JSON.stringify(encodeLogprobs(logprobs))}}\n\n` : ',"logprobs":[]}\n\n';
}
