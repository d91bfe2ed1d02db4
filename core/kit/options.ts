import { z } from 'zod';

/** A schema for a regular expression, as text. */
export const Pattern = z.string().refine(isPattern, 'expected a regular expression');

/** Parses the options of a plugin or preset. Throws a TypeError that names it and every wrong field. */
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
