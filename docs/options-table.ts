import type { z } from 'zod';
import { table } from './markdown.ts';
import { unfold } from './read-source.ts';
import { defaultInWords, typeInWords } from './type-in-words.ts';

type Docs = ReadonlyMap<string, string>;

/**
 * A table of a plugin's options, then one for each kind of object in them whose fields have comments. Throws an Error
 * that names the plugin and the option that has no comment, or no words for its type.
 */
export function optionsTable(name: string, source: string, options: z.core.$ZodObject | undefined): string {
  if (!options) return 'It has no options.';
  const { shape } = options._zod.def;
  const docs = docsOf(shape, source);
  const silent = Object.keys(shape).find((field) => !docs.get(field));
  if (silent) throw new Error(`plugins/${name}.ts: option "${silent}" has no comment`);
  return tablesOf(name, shape, source).join('\n\n');
}

function tablesOf(place: string, shape: z.core.$ZodShape, source: string): string[] {
  const docs = docsOf(shape, source);
  const described = (object: z.core.$ZodObject) => docsOf(object._zod.def.shape, source).size > 0;
  const rows = Object.entries(shape).map(([field, schema]) => {
    const type = named(`plugins/${place}, option "${field}"`, () => typeInWords(schema, described));
    return [`\`${field}\``, type, defaultInWords(schema), docs.get(field) ?? ''];
  });
  const nested = Object.entries(shape).flatMap(([field, schema]) => {
    const object = objectIn(schema);
    return object && described(object) ? [`Each object of \`${field}\`:`, ...tablesOf(`${place}.${field}`, object._zod.def.shape, source)] : [];
  });
  return [table(['option', 'type', 'default', 'meaning'], rows), ...nested];
}

function named(place: string, words: () => string): string {
  try {
    return words();
  } catch (error) {
    throw new Error(`${place}: ${(error as Error).message}`);
  }
}

function objectIn(schema: z.core.$ZodType): z.core.$ZodObject | undefined {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === 'object') return schema as z.core.$ZodObject;
  if (def.type === 'array') return objectIn(def.element);
  return 'innerType' in def ? objectIn(def.innerType) : undefined;
}

/** The comments above the fields of the object in the source that has just these fields. */
function docsOf(shape: z.core.$ZodShape, source: string): Docs {
  const names = Object.keys(shape).join();
  const objects = [...source.matchAll(/^(?=( *)[^\n]*strictObject\(\{\n([\s\S]*?)\n\1\}\))/gm)];
  const found = objects.map(([, indent = '', body = '']) => fieldsIn(body, `${indent}  `)).find((fields) => [...fields.keys()].join() === names);
  return new Map([...(found ?? [])].filter(([, doc]) => doc));
}

function fieldsIn(body: string, indent: string): Docs {
  const field = new RegExp(`^${indent}(?:/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\n${indent})?(\\w+):`, 'gm');
  return new Map([...body.matchAll(field)].map(([, comment = '', name = '']) => [name, unfold(comment)]));
}
