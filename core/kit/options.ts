import { z } from 'zod';

/** A regular expression, as text. */
export const Pattern = z.string().refine(isPattern, 'expected a regular expression');

/** Parses a plugin's or preset's options; throws a TypeError that names it and every field that is wrong. */
export function parseOptions<Schema extends z.ZodType>(name: string, schema: Schema, options: unknown): z.output<Schema> {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  throw new TypeError(`options of "${name}":\n${z.prettifyError(parsed.error)}`);
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
