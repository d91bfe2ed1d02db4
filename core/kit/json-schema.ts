/** Rewrites JSON schemas of tools, as far as accents need it. */
export type Schema = Record<string, unknown>;

const MAPS = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'];
const LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems', 'items'];
const ONES = ['items', 'additionalItems', 'contains', 'propertyNames', 'not', 'if', 'then', 'else'];
/** Keywords that may also be a boolean, at every provider. */
const SWITCHES = ['additionalProperties', 'unevaluatedProperties', 'unevaluatedItems'];
/** Keywords that do not restrict the arguments. */
export const SILENT = new Set([
  '$schema',
  '$id',
  '$comment',
  '$anchor',
  'title',
  'description',
  'default',
  'examples',
  'example',
  'deprecated',
  'readOnly',
  'writeOnly',
]);
/** The limits for inlined references, which may multiply, and for the schemas within them. */
const MOST_INLINED = 1000;
const LONGEST_REFERENCE = 1_000;
const MOST_COPIED = 20_000;

export function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Replaces every schema within a schema, the innermost first, by the result of `change`. A property that is named like
 * a keyword is not mistaken for one.
 */
export function mapSchema(schema: unknown, change: (schema: Schema | boolean) => unknown): unknown {
  if (typeof schema === 'boolean') return change(schema);
  return isSchema(schema) ? change(mapBelow(schema, (each) => mapSchema(each, change))) : schema;
}

/**
 * True if OpenAI accepts the schema with `strict`: every object requires all its properties and allows no others.
 * Anthropic allows optional ones.
 */
export function fitsStrict(schema: unknown): boolean {
  let fits = true;
  mapSchema(schema, (each) => {
    if (typeof each === 'boolean') return each;
    const { type, properties, additionalProperties } = each;
    const isObject = [type].flat().includes('object') || properties !== undefined;
    const required = new Set(requiredOf(each));
    if (isObject && (additionalProperties !== false || !Object.keys(isSchema(properties) ? properties : {}).every((name) => required.has(name)))) fits = false;
    return each;
  });
  return fits;
}

function mapBelow(schema: Schema, map: (schema: unknown) => unknown): Schema {
  const mapped = { ...schema };
  for (const keyword of MAPS) {
    const named = mapped[keyword];
    if (isSchema(named)) mapped[keyword] = Object.fromEntries(Object.entries(named).map(([name, each]) => [name, map(each)]));
  }
  for (const keyword of LISTS) {
    const list = mapped[keyword];
    if (Array.isArray(list)) mapped[keyword] = list.map(map);
  }
  for (const keyword of ONES) if (mapped[keyword] !== undefined && !Array.isArray(mapped[keyword])) mapped[keyword] = map(mapped[keyword]);
  for (const keyword of SWITCHES) if (isSchema(mapped[keyword])) mapped[keyword] = map(mapped[keyword]);
  return mapped;
}

/**
 * Replaces references by the schemas they point to. `cut`: a reference is endless or points outside, and the result
 * accepts anything in its place.
 */
export function inlineReferences(root: Schema): { schema: Schema; cut: boolean } {
  let cut = false;
  let inlined = 0;
  let copied = 0;
  const inline = (schema: unknown, within: readonly string[]): unknown => {
    if (!isSchema(schema)) return schema;
    const { $ref: reference, ...siblings } = schema;
    if (within.length > 1) copied++;
    if (typeof reference !== 'string') return mapBelow(schema, (each) => inline(each, within));
    const found = within.includes(reference) || ++inlined > MOST_INLINED || copied > MOST_COPIED ? undefined : referredTo(reference, root);
    if (!isSchema(found)) {
      cut = true;
      return siblings;
    }
    return inline({ ...found, ...siblings }, [...within, reference]);
  };
  const { $defs: _, definitions: __, ...own } = root;
  const schema = inline(own, ['#']) as Schema;
  return { schema, cut };
}

/**
 * Replaces each reference that has keywords beside it by the schema it points to, merged with them. `cut`: one is
 * endless or points outside, and has lost those keywords.
 */
export function inlineBeside(root: Schema): { schema: Schema; cut: boolean } {
  let cut = false;
  let inlined = 0;
  const inline = (schema: unknown, within: readonly string[]): unknown => {
    if (!isSchema(schema)) return schema;
    const { $ref: reference, ...siblings } = schema;
    if (typeof reference !== 'string' || Object.keys(siblings).length === 0) return mapBelow(schema, (each) => inline(each, within));
    const found = within.includes(reference) || ++inlined > MOST_INLINED ? undefined : referredTo(reference, root);
    if (isSchema(found)) return inline({ ...found, ...siblings }, [...within, reference]);
    cut ||= Object.keys(siblings).some((keyword) => !SILENT.has(keyword));
    return { $ref: reference };
  };
  return { schema: inline(root, []) as Schema, cut };
}

/** Returns the schema at a JSON pointer; undefined outside the schema. */
export function referredTo(reference: string, root: Schema): unknown {
  if (!reference.startsWith('#') || reference.length > LONGEST_REFERENCE) return undefined;
  const path = reference.slice(1).split('/').slice(1);
  const names = path.map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
  return names.reduce<unknown>((holder, name) => (isSchema(holder) && Object.hasOwn(holder, name) ? holder[name] : undefined), root);
}

/**
 * Merges a choice of several objects into one, with all their properties; those that all of them require stay
 * required. `looser`: the result accepts more than before.
 */
export function flattenRoot(root: Schema): { schema: Schema; looser: boolean } {
  const { anyOf, oneOf, allOf, ...own } = root;
  const schemasIn = (list: unknown) => (Array.isArray(list) ? list : []).filter(isSchema).map((each) => resolved(each, root));
  const choice = [anyOf, oneOf].flatMap(schemasIn);
  const parts = schemasIn(allOf);
  if (choice.length === 0 && parts.length === 0) return { schema: { type: 'object', ...root }, looser: false };
  const properties = new Map<string, Map<string, unknown>>();
  for (const { properties: named } of [own, ...parts, ...choice]) {
    for (const [name, schema] of Object.entries(isSchema(named) ? named : {})) {
      const known = properties.get(name) ?? new Map<string, unknown>();
      properties.set(name, known);
      const json = JSON.stringify(schema);
      if (!known.has(json)) known.set(json, schema);
    }
  }
  const required = new Set([own, ...parts].flatMap(requiredOf));
  const [first, ...others] = choice;
  const inOthers = others.map((branch) => new Set(requiredOf(branch)));
  for (const name of first ? requiredOf(first) : []) if (inOthers.every((names) => names.has(name))) required.add(name);
  const merged = Object.fromEntries(
    [...properties].map(([name, known]) => {
      const schemas = [...known.values()];
      return [name, schemas.length > 1 ? { anyOf: schemas } : schemas[0]];
    }),
  );
  return { schema: { ...own, type: 'object', properties: merged, ...(required.size > 0 && { required: [...required] }) }, looser: choice.length > 0 };
}

/**
 * Writes at the root what every provider looks for there: the type `object`, and its properties. A reference gives way
 * to the schema it points to. Returns the schema itself if nothing is missing.
 */
export function asObject(root: Schema): Schema {
  const schema = resolved(root, root);
  const { type, properties } = schema;
  const untyped = type == null || (Array.isArray(type) && type.includes('object'));
  if (schema === root && !untyped && (type !== 'object' || isSchema(properties))) return root;
  return { ...schema, ...(untyped && { type: 'object' }), ...(!isSchema(properties) && { properties: {} }) };
}

/** Returns the schema that a reference points to, with the keywords beside the reference, or else the schema itself. */
function resolved(schema: Schema, root: Schema): Schema {
  const { $ref: reference, ...siblings } = schema;
  const found = typeof reference === 'string' ? referredTo(reference, root) : undefined;
  return isSchema(found) ? { ...found, ...siblings } : schema;
}

function requiredOf({ required }: Schema): string[] {
  return Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
}
