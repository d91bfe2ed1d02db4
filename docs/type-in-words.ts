import { inspect } from 'node:util';
import type { z } from 'zod';
import { enumerate } from './markdown.ts';

type Schema = z.core.$ZodType;
type Named = (object: z.core.$ZodObject) => boolean;

/**
 * What a schema takes, in words: `list of strings`. Objects are spelled out, except those that are described elsewhere.
 * Throws an Error where it has no words for a schema.
 */
export function typeInWords(schema: Schema, elsewhere: Named = () => false, many = false): string {
  const words = baseInWords(schema, elsewhere, many ? 's' : '');
  const checks = checksOf(schema);
  return schema._zod.def.type === 'record' ? words.replace(/^maps?/, `$&${checks}`) : words + checks;
}

function baseInWords(schema: Schema, elsewhere: Named, plural: '' | 's'): string {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const words = (inner: Schema, several = false) => typeInWords(inner, elsewhere, several);
  const same = (inner: Schema) => words(inner, plural === 's');
  const format = 'format' in def ? String(def.format) : '';
  switch (def.type) {
    case 'default':
    case 'optional':
      return same(def.innerType);
    case 'nullable':
      return `${same(def.innerType)} or \`null\``;
    case 'boolean':
      return `boolean${plural}`;
    case 'string':
    case 'number':
      if (format && format !== 'safeint') throw new Error(`there are no words for the zod format "${format}"`);
      return `${format ? 'whole ' : ''}${def.type}${plural}`;
    case 'unknown':
      return 'anything';
    case 'enum':
      return enumerate(Object.values(def.entries).map(literal), 'or');
    case 'literal':
      return enumerate(def.values.map(literal), 'or');
    case 'array':
      return `list${plural} of ${words(def.element, true)}`;
    case 'tuple':
      return `[${def.items.map((item) => words(item)).join(', ')}]`;
    case 'union':
      return enumerate(def.options.map(same), 'or');
    case 'record':
      return `map${plural} of ${words(def.keyType)} → ${words(def.valueType)}`;
    case 'object':
      return elsewhere(schema as z.core.$ZodObject) ? `object${plural}, see below` : fieldsOf(def.shape, words);
    default:
      throw new Error(`there are no words for the zod type "${def.type}"`);
  }
}

/** What holds where an option is not given. */
export function defaultInWords(schema: Schema): string {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === 'default') return literal(def.defaultValue);
  return isOptional(schema) ? 'not set' : 'required';
}

function fieldsOf(shape: Readonly<Record<string, Schema>>, words: (schema: Schema) => string): string {
  const fields = Object.entries(shape).map(([name, field]) => `${name}${isOptional(field) ? '?' : ''}: ${words(field)}`);
  return `{ ${fields.join(', ')} }`;
}

function isOptional(schema: Schema): boolean {
  return schema._zod.def.type === 'default' || schema._zod.optin === 'optional';
}

/** A plugin's own check says what it expects: a user reads the same words when it fails. */
function checksOf(schema: Schema): string {
  const { checks = [], type } = schema._zod.def;
  return checks.map((check) => checkInWords(check._zod.def as CheckDef, type)).join('');
}

interface CheckDef {
  check: string;
  minimum?: unknown;
  value?: unknown;
  inclusive?: boolean;
  error?: (issue: never) => unknown;
}

function checkInWords({ check, minimum, value, inclusive, error }: CheckDef, type: string): string {
  const message = error?.({} as never);
  const expected = typeof message === 'string' ? /^expected (.+)$/.exec(message)?.[1] : undefined;
  if (expected) return ` (${expected})`;
  if (check === 'min_length' && minimum === 1) return type === 'array' ? ' (not empty)' : ''; // nobody gives an empty name
  if (check === 'greater_than') return inclusive ? ` of at least ${value}` : ` above ${value}`;
  throw new Error(`there are no words for the zod check "${check}"`);
}

function literal(value: unknown): string {
  return `\`${Array.isArray(value) ? `[${value.map((each) => inspect(each)).join(', ')}]` : inspect(value)}\``;
}
