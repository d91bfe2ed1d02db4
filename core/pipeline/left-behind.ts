import type { CanonicalRequest, Item } from '../contract/canonical.ts';
import type { Exchange } from '../contract/exchange.ts';
import { kindOf } from './plugin-faults.ts';

/** Describes the first fault in a request that a `request` handler left behind. */
export function requestFault({ model, input, tools }: CanonicalRequest): string | undefined {
  if (model !== undefined && typeof model !== 'string') return `it left request.model as ${kindOf(model)}; a string is expected`;
  if (!Array.isArray(input)) return `it left request.input as ${kindOf(input)}; a list of items is expected`;
  const at = input.findIndex((item) => !isItem(item));
  if (at >= 0) return `it left request.input[${at}] as ${kindOf(input[at])}; an item with a "type" is expected`;
  if (tools === undefined || tools === null) return undefined;
  if (!Array.isArray(tools)) return `it left request.tools as ${kindOf(tools)}; a list of tools is expected`;
  const wrong = tools.findIndex((tool) => !isItem(tool));
  return wrong < 0 ? undefined : `it left request.tools[${wrong}] as ${kindOf(tools[wrong])}; a tool with a "type" is expected`;
}

/** Describes the first fault in an exchange that a `route` handler left behind. */
export function routeFault({ model, upstream }: Exchange): string | undefined {
  if (typeof model !== 'string') return `it left exchange.model as ${kindOf(model)}; a name is expected`;
  if (!(upstream.url instanceof URL)) return `it left exchange.upstream.url as ${kindOf(upstream.url)}; a URL is expected: new URL('https://…')`;
  const odd = Object.entries(upstream.headers).find(([, value]) => typeof value !== 'string');
  return odd && `it left exchange.upstream.headers["${odd[0]}"] as ${kindOf(odd[1])}; a string is expected`;
}

/** Any object with a `type`: items of unknown types pass. */
export function isItem(value: unknown): value is Item {
  return typeof value === 'object' && value !== null && typeof (value as Item).type === 'string';
}
