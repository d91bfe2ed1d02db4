import type { Item, StreamEvent } from '../../../contract/canonical.ts';
import type { Clock } from '../../../contract/clock.ts';
import { ResponsesAnswer } from './answer.ts';
import { partsOf } from './encode-item.ts';
import type { StoredResponse } from './lifecycle.ts';
import type { ResponseHead } from './response-head.ts';

/** Fields of the response itself; all others repeat the request. */
const NOT_REPEATED = ['id', 'object', 'created_at', 'completed_at', 'status', 'model', 'output', 'usage', 'error', 'incomplete_details'];

/**
 * Writes a stored response as the stream it could have been: the same ids and texts, each text in one piece.
 * Leaves out events up to number `after`, but never the last event, which holds the whole response.
 */
export function replay(response: StoredResponse, clock: Clock, after = -1): string {
  const answer = new ResponsesAnswer(headOf(response), clock);
  answer.write({ type: 'start' });
  for (const [key, item] of response.output.entries()) {
    for (const event of eventsOf(item, key)) answer.write(event);
  }
  answer.finish(response.status, JSON.stringify(response));
  const events = answer.take().split(/(?<=\n\n)/); // numbered from 0; inside an event is no empty line
  return events.slice(Math.min(after + 1, events.length - 1)).join('');
}

function headOf(response: StoredResponse): ResponseHead {
  const { id, created_at: created, model } = response;
  const repeated = Object.entries(response).filter(([field]) => !NOT_REPEATED.includes(field));
  return { id, created, model, echo: JSON.stringify(Object.fromEntries(repeated)).slice(1, -1) };
}

function* eventsOf(item: Item, key: number): Generator<StreamEvent> {
  yield { type: 'item.added', key, item: beginningOf(item) };
  for (const { channel, part, text, logprobs } of partsOf(item)) {
    if (text) yield { type: 'item.delta', key, channel, delta: text, part, ...(logprobs && { logprobs }) };
  }
  if (item.type === 'function_call' && item.arguments) yield { type: 'item.delta', key, channel: 'arguments', delta: item.arguments };
  if (item.type === 'custom_tool_call' && item.input) yield { type: 'item.delta', key, channel: 'input', delta: item.input };
  for (const note of notesOf(item)) yield { type: 'item.note', key, note };
  yield { type: 'item.done', key, item };
}

/** An item before its first text. */
function beginningOf(item: Item): Item {
  if (item.type === 'message') return { ...item, content: [] };
  if (item.type === 'reasoning') return { type: 'reasoning', id: item.id ?? null, summary: [] };
  if (item.type === 'function_call') return { ...item, arguments: '' };
  if (item.type === 'custom_tool_call') return { ...item, input: '' };
  return item;
}

function notesOf(item: Item): Record<string, unknown>[] {
  const [first] = item.type === 'message' && typeof item.content !== 'string' ? item.content : [];
  const notes = first && 'annotations' in first ? first.annotations : [];
  return Array.isArray(notes) ? notes : [];
}
