/** Rewrites JSON schemas of tools, as far as accents need it. */
export type Schema = Record<string, unknown>;

const MAPS = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'];
const LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems', 'items'];
const ONES = ['items', 'additionalItems', 'contains', 'propertyNames', 'not', 'if', 'then', 'else'];
/** Keywords that may also be a boolean, at every provider. */
const SWITCHES = ['additionalProperties', 'unevaluatedProperties', 'unevaluatedItems'];
/** The limits for inlined references, which may multiply, and for the schemas within them. */
const MOST_INLINED = 1000;
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
    const found = within.includes(reference) || ++inlined > MOST_INLINED || copied > MOST_COPIED ? undefined : target(root, reference);
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

/** Resolves a JSON pointer; undefined if it points outside the schema. */
function target(root: Schema, reference: string): unknown {
  if (!reference.startsWith('#/')) return undefined;
  const names = reference
    .slice(2)
    .split('/')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
  return names.reduce<unknown>((holder, name) => (isSchema(holder) && Object.hasOwn(holder, name) ? holder[name] : undefined), root);
}

/**
 * Merges a choice of several objects into one, with all their properties; those that all of them require stay
 * required. `looser`: the result accepts more than before.
 */
export function flattenRoot(root: Schema): { schema: Schema; looser: boolean } {
  const { anyOf, oneOf, allOf, ...own } = root;
  const choice = [anyOf, oneOf].flatMap((branches) => (Array.isArray(branches) ? branches : [])).filter(isSchema);
  const parts = (Array.isArray(allOf) ? allOf : []).filter(isSchema);
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

function requiredOf({ required }: Schema): string[] {
  return Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
}
