import { type Content, type Item, type Reasoning, textOf } from '../../../contract/canonical.ts';

export type BlockKind = 'text' | 'thinking' | 'tool_use';

/** The block an item becomes; undefined for one that Messages cannot show. */
export function kindOf({ type }: Item): BlockKind | undefined {
  if (type === 'message') return 'text';
  if (type === 'reasoning') return 'thinking';
  return type === 'function_call' || type === 'custom_tool_call' || type === 'local_shell_call' ? 'tool_use' : undefined;
}

/** A block as it begins. The arguments of a call never stand here: clients take them from the deltas alone. */
export function encodeStart(item: Item): string {
  if (item.type === 'message') return '{"type":"text","text":""}';
  if (item.type === 'reasoning') return '{"type":"thinking","thinking":"","signature":""}';
  return JSON.stringify({ type: 'tool_use', ...callOf(item), input: {} });
}

/** The text of a message; a refusal is text, too. */
export function spokenIn(item: Item): string {
  if (item.type !== 'message') return '';
  return typeof item.content === 'string' ? item.content : item.content.map(saidIn).join('');
}

export function refusalIn(item: Item): string {
  if (item.type !== 'message' || typeof item.content === 'string') return '';
  return item.content.map((part) => (part.type === 'refusal' ? part.refusal : '')).join('');
}

/** The text of reasoning, with a blank line between its parts. */
export function thoughtIn({ summary, content }: Reasoning): string {
  return (summary.length > 0 ? summary : (content ?? [])).map(saidIn).join('\n\n');
}

export function encodeText(text: string, citations: readonly string[]): string {
  return `{"type":"text","text":${JSON.stringify(text)}${citations.length > 0 ? `,"citations":[${citations.join(',')}]` : ''}}`;
}

/** A whole call. Arguments that are not a JSON object go into `_raw` as they are. */
export function encodeCall(item: Item): string {
  const json = argumentsOf(item);
  return JSON.stringify({ type: 'tool_use', ...callOf(item), input: objectOf(json) ?? { _raw: json } });
}

/** The arguments of a call as JSON: `{}` for a whole call without any. */
export function argumentsOf(item: Item): string {
  if (item.type === 'custom_tool_call') return JSON.stringify({ input: item.input });
  if (item.type === 'local_shell_call') return JSON.stringify(item.action);
  if (item.type !== 'function_call') return '{}';
  return item.arguments === '' && item.status !== 'incomplete' ? '{}' : item.arguments;
}

function callOf(item: Item): { id: string; name: string } {
  return { id: 'call_id' in item ? (item.call_id ?? '') : '', name: 'name' in item ? item.name : 'local_shell' };
}

function saidIn(part: Content): string {
  return textOf([part]);
}

function objectOf(json: string): object | undefined {
  try {
    const value: unknown = JSON.parse(json || '{}');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
