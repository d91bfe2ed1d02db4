import type { FunctionTool } from '../core/contract/canonical.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { isWhole } from '../core/kit/growing-json.ts';
import { perExchange } from '../core/kit/per-exchange.ts';

type Schema = Record<string, unknown>;
/** An object or a list that is being read, and the position in it. */
interface Inside {
  schemas: readonly Schema[];
  /** The schemas of a list's elements; undefined for an object. */
  items: readonly Schema[] | undefined;
  key?: string;
}

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*|[{}[\],:]/g;
const WHOLE_FRACTION = /^(-?\d+)\.0+$/;

/**
 * Rewrites `5.0` as `5` where a declared tool expects an integer: some models write a fraction, and Codex refuses it.
 */
export function integerArguments(): Plugin {
  const seen = perExchange(() => ({ tools: new Map<string, FunctionTool>(), logged: false }));

  return {
    name: 'integer-arguments',
    upstream: ['chat', 'messages'],
    request({ tools }, exchange) {
      for (const tool of tools ?? []) if (tool.type === 'function') seen(exchange).tools.set(tool.name, tool);
    },
    item(item, exchange) {
      if (item.type !== 'function_call' || !item.arguments.includes('.0')) return;
      const schema = seen(exchange).tools.get(item.name)?.parameters;
      if (!schema || !isWhole(item.arguments)) return;
      const json = withIntegers(item.arguments, schema);
      if (json === item.arguments) return;
      if (!seen(exchange).logged)
        exchange.log.info({ plugin: 'integer-arguments', tool: item.name }, 'integer-arguments: the model wrote an integer as a fraction');
      seen(exchange).logged = true;
      return { ...item, arguments: json };
    },
  };
}

/** Changes these numbers only: everything else stays as the model wrote it. */
function withIntegers(json: string, root: Schema): string {
  const inside: Inside[] = [];
  let next: readonly Schema[] = alternatives(root, root);
  return json.replaceAll(TOKEN, (token) => {
    const current = inside.at(-1);
    switch (token) {
      case '{':
      case '[':
        inside.push({ schemas: next, items: token === '[' ? itemsOf(next, root) : undefined });
        next = inside.at(-1)?.items ?? [];
        return token;
      case '}':
      case ']':
        inside.pop();
        return token;
      case ':':
        if (current) next = propertyOf(current, root);
        return token;
      case ',':
        if (current?.items) next = current.items;
        else delete current?.key;
        return token;
    }
    if (token.startsWith('"')) {
      if (current && !current.items && current.key === undefined) current.key = JSON.parse(token) as string;
      return token;
    }
    return isInteger(next) ? token.replace(WHOLE_FRACTION, '$1') : token;
  });
}

function propertyOf({ schemas, key = '' }: Inside, root: Schema): Schema[] {
  return schemas.flatMap(({ properties, additionalProperties }) => {
    const named = isSchema(properties) && Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
    return alternatives(named, root);
  });
}

function itemsOf(schemas: readonly Schema[], root: Schema): Schema[] {
  return schemas.flatMap(({ items }) => alternatives(items, root));
}

function isInteger(schemas: readonly Schema[]): boolean {
  const types = schemas.flatMap(({ type }) => type);
  return types.includes('integer') && !types.includes('number');
}

/** Returns the schema, the schemas it refers to, and all their alternatives; references may be circular. */
function alternatives(schema: unknown, root: Schema, found = new Set<Schema>()): Schema[] {
  if (!isSchema(schema) || found.has(schema)) return [];
  found.add(schema);
  const { $ref: reference, anyOf, oneOf, allOf } = schema;
  for (const other of [anyOf, oneOf, allOf].flat()) alternatives(other, root, found);
  if (typeof reference === 'string') alternatives(referredTo(reference, root), root, found);
  return [...found];
}

function referredTo(reference: string, root: Schema): unknown {
  if (!reference.startsWith('#')) return undefined;
  const path = reference.slice(1).split('/').slice(1);
  const names = path.map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
  return names.reduce<unknown>((at, name) => (isSchema(at) && Object.hasOwn(at, name) ? at[name] : undefined), root);
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
