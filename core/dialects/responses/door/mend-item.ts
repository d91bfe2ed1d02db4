import type { Content } from '../../../contract/canonical.ts';
import type { Exchange } from '../../../contract/exchange.ts';
import { readArguments } from '../../../kit/call-arguments.ts';
import { isCipher } from '../../../kit/cipher.ts';
import { DETAILS, PART_TYPES } from './door-body.ts';

type Loose = Record<string, unknown>;

/**
 * Returns a function that mends an item in place before it is checked: a refusal would come back on every turn, because
 * the item stays in the client's history. Parts of unknown types become a note, or are dropped from the assistant's
 * own words.
 */
export function itemMender(exchange: Exchange): (item: Loose, path: string) => void {
  const searches = { tool_search_call: 0, tool_search_output: 0 };
  return (item, path) => {
    const { type, call_id: id } = item;
    if (typeof id === 'number') item['call_id'] = String(id);
    // a search that ran at its provider has no id; calls and outputs without one match in their order
    if (id == null && (type === 'tool_search_call' || type === 'tool_search_output')) item['call_id'] = `search_${searches[type]++}`;
    mendFields(item, path, exchange);
  };
}

function mendFields(item: Loose, path: string, exchange: Exchange): void {
  const { type, arguments: given } = item;
  if (type === 'function_call' && typeof given === 'object' && given !== null) item['arguments'] = JSON.stringify(given);
  if (type === 'tool_search_call' && typeof given === 'string') item['arguments'] = readArguments(given).object;
  if (type === 'reasoning') item['summary'] ??= [];
  const isOwn = type === 'reasoning' || item['role'] === 'assistant';
  for (const field of ['content', 'output', 'summary']) {
    const parts = item[field];
    if (type === 'agent_message' || !Array.isArray(parts) || parts.every(isPlain)) continue;
    item[field] = parts.flatMap((part, at) => mendPart(part, `${path}.${field}[${at}]`, isOwn, exchange));
  }
}

function isPlain(part: Loose | null): boolean {
  return typeof part?.['text'] === 'string' && PART_TYPES.has(String(part['type']));
}

function mendPart(part: unknown, param: string, isOwn: boolean, exchange: Exchange): unknown {
  if (typeof part !== 'object' || part === null) return part;
  const { type, encrypted_content: sealed, ...rest } = part as Loose;
  if (type === 'input_image' || type === 'image_url') return mendImage(rest, param, exchange);
  if (typeof type !== 'string' || PART_TYPES.has(type)) return part;
  if (type === 'encrypted_content' && typeof sealed === 'string' && !isCipher(sealed)) return note(sealed);
  const name = /^[\w.-]{1,40}$/.test(type) ? type : 'part';
  exchange.warn({ param, reason: `${name}_is_not_known` });
  return isOwn ? [] : note(`[${name.replaceAll('_', ' ')} omitted: this gateway cannot pass it on]`);
}

/** Accepts the image of a Chat client, too. */
function mendImage({ image_url: given, detail: beside, ...rest }: Loose, param: string, exchange: Exchange): Loose {
  const { url, detail = beside } = typeof given === 'object' && given !== null ? (given as Loose) : { url: given };
  const isKnown = detail == null || DETAILS.includes(detail as (typeof DETAILS)[number]);
  if (!isKnown) exchange.warn({ param: `${param}.detail`, reason: 'unknown' });
  return { type: 'input_image', ...rest, ...(url !== undefined && { image_url: url }), ...(detail !== undefined && isKnown && { detail }) };
}

function note(text: string): Content {
  return { type: 'input_text', text };
}
