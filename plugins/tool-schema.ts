import { z } from 'zod';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { toolsOf } from '../core/kit/body-lists.ts';
import { asObject, flattenRoot, inlineBeside, inlineReferences, isSchema, mapSchema, type Schema, SILENT } from '../core/kit/json-schema.ts';
import { Pattern, parseOptions } from '../core/kit/options.ts';

const Options = z.strictObject({
  /** Models that need it, as a regular expression; all by default. */
  models: Pattern.default(''),
  /** Keywords to drop anywhere in a schema, such as `$schema` or `pattern`. */
  drop: z.array(z.string().min(1)).default([]),
  /** Says at the root that the schema is an object with properties, which loses nothing. */
  object: z.boolean().default(true),
  /** Replaces each `$ref` with the schema that it refers to; `beside`: only one that has other keywords beside it. */
  inline: z.union([z.boolean(), z.literal('beside')]).default(false),
  /** Turns a choice at the root into one object; a regular expression names the models that need it. */
  root: z.union([z.boolean(), Pattern]).default(false),
  /** Turns `const` into an `enum` of one value. */
  constants: z.boolean().default(false),
  /** Adds the type to an `enum` without one. */
  enumTypes: z.boolean().default(false),
  /** Moves a `type` beside `anyOf` or `oneOf` into each branch. */
  unionTypes: z.boolean().default(false),
  /** Turns the schema `true` into `{}`, and `false` into one that nothing matches. */
  booleans: z.boolean().default(false),
  /** Renames a list in `items` to `prefixItems`. */
  tuples: z.boolean().default(false),
  /** Turns a list of types into `anyOf`, or into `nullable: true` where `null` is one of two. */
  types: z.enum(['anyOf', 'nullable']).optional(),
});
type Profile = Omit<z.output<typeof Options>, 'root'> & { root: boolean };
type Report = (reason: string) => void;

/**
 * Rewrites the schemas of tools in the part of JSON Schema that a provider accepts, and warns where the result is
 * looser than before.
 */
export function toolSchema(options: z.input<typeof Options> = {}): Plugin {
  const { root, ...given } = parseOptions('tool-schema', Options, options);
  const models = new RegExp(given.models);
  const merged = typeof root === 'string' ? new RegExp(root) : /(?:)/;
  const spellAll = (model: unknown, holders: readonly (object | null)[], field: string, exchange: Exchange) => {
    if (!models.test(String(model))) return;
    const reasons = new Set<string>();
    const profile = { ...given, root: root !== false && merged.test(String(model)) };
    for (const holder of holders as (Schema | null)[]) if (holder) spellIn(holder, field, profile, (reason) => reasons.add(reason));
    for (const reason of reasons) exchange.warn({ param: exchange.client.dialect === 'messages' ? 'tools.input_schema' : 'tools.parameters', reason });
  };

  return {
    name: 'tool-schema',
    wire: {
      chat: {
        request(body, exchange) {
          const functions = toolsOf(body).map((tool) => tool.function);
          spellAll(body.model, functions, 'parameters', exchange);
        },
      },
      responses: {
        request({ tools }, exchange) {
          if (Array.isArray(tools)) spellAll(exchange.model, tools.filter(hasSchema('parameters')), 'parameters', exchange);
        },
      },
      messages: {
        request({ model, tools }, exchange) {
          if (Array.isArray(tools)) spellAll(model, tools.filter(hasSchema('input_schema')), 'input_schema', exchange);
        },
      },
    },
  };
}

/** Tools of a provider's own have none. */
function hasSchema(field: string): (tool: unknown) => boolean {
  return (tool) => isSchema(tool) && isSchema(tool[field]);
}

function spellIn(holder: Schema, field: string, profile: Profile, report: Report): void {
  const { [field]: schema } = holder;
  if (isSchema(schema)) holder[field] = spell(schema, profile, report);
  else if (profile.object && schema == null) holder[field] = asObject({});
}

function spell(given: Schema, profile: Profile, report: Report): unknown {
  let schema = given;
  if (profile.inline) {
    const inlined = profile.inline === 'beside' ? inlineBeside(schema) : inlineReferences(schema);
    if (inlined.cut) report(profile.inline === 'beside' ? 'keywords_beside_a_reference_dropped' : 'a_reference_without_end_accepts_anything');
    schema = inlined.schema;
  }
  if (profile.object) schema = asObject(schema);
  if (profile.root) {
    const flat = flattenRoot(schema);
    if (flat.looser) report('a_choice_at_the_root_became_one_object');
    schema = flat.schema;
  }
  if (!isDeep(profile)) return schema;
  return mapSchema(schema, (each) => (typeof each === 'boolean' ? spellBoolean(each, profile) : spellKeywords(each, profile, report)));
}

/** Most presets only look at the root. */
function isDeep({ drop, constants, enumTypes, unionTypes, booleans, tuples, types }: Profile): boolean {
  return drop.length > 0 || constants || enumTypes || unionTypes || booleans || tuples || types !== undefined;
}

function spellBoolean(schema: boolean, { booleans }: Profile): unknown {
  if (!booleans) return schema;
  return schema ? {} : { not: {} };
}

function spellKeywords(schema: Schema, profile: Profile, report: Report): Schema {
  for (const keyword of profile.drop) {
    if (!Object.hasOwn(schema, keyword)) continue;
    if (!SILENT.has(keyword)) report(`${keyword}_refused_by_the_provider`);
    delete schema[keyword];
  }
  if (profile.constants && Object.hasOwn(schema, 'const')) {
    schema['enum'] ??= [schema['const']];
    delete schema['const'];
  }
  if (profile.enumTypes && Array.isArray(schema['enum']) && schema['type'] === undefined) addType(schema, schema['enum']);
  if (profile.tuples && Array.isArray(schema['items'])) moveTuple(schema);
  if (profile.types && Array.isArray(schema['type'])) splitTypes(schema, schema['type'], profile.types);
  if (profile.unionTypes) for (const keyword of ['anyOf', 'oneOf']) moveType(schema, keyword);
  return schema;
}

function addType(schema: Schema, values: readonly unknown[]): void {
  const types = new Set(values.map((value) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value)));
  if (types.size === 1) schema['type'] = [...types][0];
}

function moveTuple(schema: Schema): void {
  const { items, additionalItems } = schema;
  delete schema['additionalItems'];
  delete schema['items'];
  schema['prefixItems'] ??= items;
  if (additionalItems !== undefined) schema['items'] = additionalItems;
}

/** `enum` and the other keywords stay beside `anyOf`: they apply to each branch. */
function splitTypes(schema: Schema, types: readonly unknown[], as: 'anyOf' | 'nullable'): void {
  const others = types.filter((type) => type !== 'null');
  if (types.length === 1) schema['type'] = types[0];
  else if (as === 'nullable' && others.length === 1 && types.length === 2) Object.assign(schema, { type: others[0], nullable: true });
  else if (schema['anyOf'] === undefined) {
    delete schema['type'];
    schema['anyOf'] = types.map((type) => ({ type }));
  }
}

function moveType(schema: Schema, keyword: string): void {
  const { [keyword]: branches, type } = schema;
  if (type === undefined || !Array.isArray(branches) || !branches.every(isSchema)) return;
  delete schema['type'];
  schema[keyword] = branches.map((branch) => ({ type, ...branch }));
}
