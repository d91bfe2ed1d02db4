/** What a provider sends is typed, not validated: these read a field whatever it is. */

/** Empty where it is no text. */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The objects of a list; one object is a list of it. */
export function asList<Element extends object>(value: Element | readonly (Element | null)[] | null | undefined): Element[] {
  return [value].flat().filter((each): each is Element => typeof each === 'object' && each !== null);
}

/** Empty where it is no object. */
export function asRecord<Shape extends object>(value: Shape | null | undefined): Partial<Shape> {
  return typeof value === 'object' && value !== null ? value : {};
}

/** In tokens: whole, since Codex refuses a fraction, and never negative. */
export function asCount(value: unknown): number {
  return typeof value === 'number' && value > 0 ? Math.round(value) : 0;
}
