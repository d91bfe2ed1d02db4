import type { Channel, Content, Item, Logprob, Reasoning } from '../../../contract/canonical.ts';
import { decodeLogprobs } from '../../logprobs.ts';
import { asList, asText } from '../../tolerant.ts';
import type { AnswerItem, AnswerPart } from './upstream-wire.ts';

/** An item as it begins: without its later contents, and without its id, which the client's door replaces. */
export function beginItem(item: AnswerItem, callId: string | undefined): Item {
  const whole = decodeItem(item, callId);
  switch (whole.type) {
    case 'message':
      return { ...whole, content: [] };
    case 'reasoning':
      return { type: 'reasoning', summary: [] };
    case 'function_call':
      return { ...whole, arguments: '' };
    case 'custom_tool_call':
      return { ...whole, input: '' };
    default:
      return whole;
  }
}

/** Decodes a whole item. Hosted calls and other unknown items stay as the provider sent them. */
export function decodeItem({ id: _, status, ...item }: AnswerItem, callId: string | undefined): Item {
  const unfinished = { ...(status === 'incomplete' && { status }) } as { status?: 'incomplete' };
  switch (item.type) {
    case 'message': {
      const { phase } = item;
      return { type: 'message', role: 'assistant', content: partsOf(item.content).map(decodePart), ...(typeof phase === 'string' && { phase }), ...unfinished };
    }
    case 'reasoning':
      return decodeReasoning(item);
    case 'function_call': {
      const json = typeof item.arguments === 'string' ? item.arguments : JSON.stringify(item.arguments ?? {});
      return { type: 'function_call', ...nameOf(item, callId), arguments: json, ...unfinished };
    }
    case 'custom_tool_call':
      return { type: 'custom_tool_call', ...nameOf(item, callId), input: asText(item.input), ...unfinished };
    default:
      return { ...item, ...(callId !== undefined && { call_id: callId }), ...unfinished } as unknown as Item;
  }
}

/** The texts of an item that can stream, each with its channel, its place there, and its log probabilities. */
export function textsOf(item: Item): [Channel, number, string, (Logprob[] | undefined)?][] {
  const texts = (channel: Channel, parts: readonly Content[]) =>
    parts.map((part, at): [Channel, number, string, (Logprob[] | undefined)?] =>
      part.type === 'refusal' ? ['refusal', at, part.refusal] : 'text' in part ? [channel, at, part.text, part.logprobs] : [channel, at, ''],
    );
  switch (item.type) {
    case 'message':
      return typeof item.content === 'string' ? [['text', 0, item.content]] : texts('text', item.content);
    case 'reasoning':
      return [...texts('summary', item.summary), ...texts('reasoning', item.content ?? [])];
    case 'function_call':
      return [['arguments', 0, item.arguments]];
    case 'custom_tool_call':
      return [['input', 0, item.input]];
    default:
      return [];
  }
}

/** Rebuilds an item that never came whole, from its beginning and the texts that streamed. */
export function rebuildItem(begun: AnswerItem, streamed: ReadonlyMap<string, string>): AnswerItem {
  const texts = [...streamed].map(([place, text]) => ({ channel: place.replace(/\d+$/, ''), text }));
  const only = (channel: Channel) => texts.filter((each) => each.channel === channel).map(({ text }) => text);
  switch (begun.type) {
    case 'message': {
      const refusals = only('refusal').map((refusal) => ({ type: 'refusal', refusal }));
      return { ...begun, content: [...only('text').map((text) => ({ type: 'output_text', text })), ...refusals] };
    }
    case 'reasoning':
      return { ...begun, summary: only('summary').map((text) => ({ text })), content: only('reasoning').map((text) => ({ text })) };
    case 'function_call':
      return { ...begun, arguments: only('arguments')[0] ?? begun.arguments };
    case 'custom_tool_call':
      return { ...begun, input: only('input')[0] ?? begun.input ?? '' };
    default:
      return begun;
  }
}

/** Adds log probabilities that came only in deltas to a whole message, by the place of its text, as `text0`. */
export function addLogprobs(item: Item, streamed: ReadonlyMap<string, Logprob[]>): void {
  if (item.type !== 'message' || typeof item.content === 'string') return;
  for (const [at, part] of item.content.entries()) {
    const logprobs = streamed.get(`text${at}`);
    if (part.type === 'output_text' && logprobs) part.logprobs ??= logprobs;
  }
}

/** A list of parts, in whichever form it came. */
export function partsOf(parts: AnswerItem['content']): AnswerPart[] {
  return typeof parts === 'string' ? [{ type: 'output_text', text: parts }] : asList(parts);
}

function nameOf({ name, namespace }: AnswerItem, callId = ''): { call_id: string; name: string; namespace?: string } {
  return { call_id: callId, name: asText(name), ...(typeof namespace === 'string' && { namespace }) };
}

function decodePart(part: AnswerPart): Content {
  if (part.type === 'refusal') return { type: 'refusal', refusal: asText(part.refusal) };
  const logprobs = decodeLogprobs(part.logprobs);
  return { type: 'output_text', text: asText(part.text), ...(logprobs && { logprobs }) };
}

function decodeReasoning({ summary, content, encrypted_content: sealed }: AnswerItem): Reasoning {
  const raw = partsOf(content).map(({ text }) => ({ type: 'reasoning_text' as const, text: asText(text) }));
  return {
    type: 'reasoning',
    summary: partsOf(summary).map(({ text }) => ({ type: 'summary_text', text: asText(text) })),
    ...(raw.length > 0 && { content: raw }),
    ...(asText(sealed) && { encrypted_content: asText(sealed) }),
  };
}
