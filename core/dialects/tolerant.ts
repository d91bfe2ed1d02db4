/** Data of providers is typed, not validated: these functions read a field whatever it holds. */

/** The text; empty for anything else. */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** An id as text: some providers number their calls. */
export function asId(value: unknown): string {
  return typeof value === 'number' ? `call_${value}` : asText(value);
}

/** The objects of a list; a single object counts as a list of one. */
export function asList<Element extends object>(value: Element | readonly (Element | null)[] | null | undefined): Element[] {
  return [value].flat().filter((each): each is Element => typeof each === 'object' && each !== null);
}

/** The object; empty for anything else. */
export function asRecord<Shape extends object>(value: Shape | null | undefined): Partial<Shape> {
  return typeof value === 'object' && value !== null ? value : {};
}

/** A count of tokens: whole, since Codex refuses a fraction, and never negative. */
export function asCount(value: unknown): number {
  return typeof value === 'number' && value > 0 ? Math.round(value) : 0;
}

/** True for `{base_resp:{status_code}}` with any status but 0: some gateways refuse so, with HTTP 200. */
export function hasRefusingStatus(chunk: { readonly [field: string]: unknown }): boolean {
  const { status_code: code } = asRecord(chunk['base_resp'] as { status_code?: unknown } | undefined);
  return typeof code === 'number' && code !== 0;
}
