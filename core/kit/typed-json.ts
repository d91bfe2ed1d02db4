/** Mends values that a model wrote in another type than a schema declares, while the JSON streams. */
import { isSchema, referredTo, type Schema } from './json-schema.ts';
import { parseJson } from './parse-json.ts';

/** An object or a list that is being read, and the position in it. */
interface Inside {
  readonly schemas: readonly Schema[];
  /** The alternatives of a list's elements; undefined for an object. */
  readonly items: readonly Schema[] | undefined;
  key?: string | undefined;
}
interface TypedJsonOptions {
  /** Leaves a list or an object that is written as text alone: it may be what a command is to get. */
  plainText?: boolean;
}

const PLAIN = /[^"\-\d{}[\],:]+/y;
const NUMBER = /[\d.eE+-]+/y;
const WHOLE_FRACTION = /^\.0+$/;
const NUMERAL = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const INTEGER = /^-?\d+$/;
/** The limit for the alternatives of one place: a place with more may hold anything. */
const MOST = 100;
/** No tool takes arguments that are nested deeper: the rest of them passes as it is. */
const DEEPEST = 1_000;

/**
 * Reads arguments in pieces and returns them mended: `5.0` becomes `5`; a number, a boolean, null, a list or an object
 * that is written as a string, itself, where the schema admits it and no string. All else stays as the model wrote it,
 * and only values that may have to be mended are held back until they are whole.
 */
export class TypedJson {
  readonly #root: Schema;
  readonly #options: TypedJsonOptions;
  readonly #known: Map<Schema, readonly Schema[]>;
  readonly #inside: Inside[] = [];
  #next: readonly Schema[];
  readonly #isWhole: boolean;
  #token: 'string' | 'number' | undefined;
  #held: string | undefined;
  #key: string | undefined;
  #escaped = false;
  /** True once nothing more is mended. */
  #isTooDeep = false;
  /** True once a string's closing quote was read. */
  #isClosed = false;
  /** True once anything was changed. */
  changed = false;

  constructor(root: Schema, options: TypedJsonOptions = {}, within?: { known: Map<Schema, readonly Schema[]>; next: readonly Schema[] }) {
    this.#root = root;
    this.#options = options;
    this.#known = within?.known ?? new Map<Schema, readonly Schema[]>();
    this.#isWhole = within === undefined;
    this.#next = within?.next ?? this.#alternatives({ type: 'object', ...root });
  }

  /** Returns what can be passed on. */
  write(text: string): string {
    let written = '';
    let at = 0;
    while (at < text.length) {
      if (this.#isTooDeep) return written + text.slice(at);
      const from = at;
      if (this.#token === 'string') at = this.#string(text, from);
      else if (this.#token === 'number') at = endOf(NUMBER, text, from);
      else at = this.#between(text, from);
      written += this.#keep(text.slice(from, at));
      if (this.#token === 'number' && at < text.length && endOf(NUMBER, text, at) === at) written += this.#endNumber();
      if (this.#token === 'string' && this.#isClosed) written += this.#endString();
    }
    return written;
  }

  /** True if a property of the whole object may hold text, or nothing is known of it. */
  mayHoldText(property: string): boolean {
    return mayBeText(this.#propertyOf({ schemas: this.#next, items: undefined, key: property }));
  }

  /** Returns what was held back of a value that did not end. */
  end(): string {
    const rest = this.#held ?? '';
    this.#held = undefined;
    return rest;
  }

  /** Reads up to the next token that matters, or that token's first character. */
  #between(text: string, at: number): number {
    const character = text[at] as string;
    const current = this.#inside.at(-1);
    if (character === '"') {
      this.#token = 'string';
      this.#isClosed = false;
      if (current && !current.items && current.key === undefined) this.#key = '';
      else if (!mayBeText(this.#next)) this.#held = '';
      return at + 1;
    }
    switch (character) {
      case '{':
      case '[':
        this.#inside.push({ schemas: this.#next, items: character === '[' ? this.#itemsOf(this.#next) : undefined });
        this.#next = this.#inside.at(-1)?.items ?? [];
        this.#isTooDeep = this.#inside.length > DEEPEST;
        return at + 1;
      case '}':
      case ']':
        this.#inside.pop();
        return at + 1;
      case ':':
        if (current) this.#next = this.#propertyOf(current);
        return at + 1;
      case ',':
        if (current?.items) this.#next = current.items;
        else if (current) current.key = undefined;
        return at + 1;
    }
    const end = endOf(PLAIN, text, at);
    if (end > at) return end;
    this.#token = 'number';
    return endOf(NUMBER, text, at);
  }

  #string(text: string, from: number): number {
    for (let at = from; at < text.length; at++) {
      if (this.#escaped) this.#escaped = false;
      else if (text[at] === '\\') this.#escaped = true;
      else if (text[at] === '"') {
        this.#isClosed = true;
        return at + 1;
      }
    }
    return text.length;
  }

  #keep(piece: string): string {
    if (this.#key !== undefined) this.#key += piece;
    if (this.#held !== undefined) {
      this.#held += piece;
      return '';
    }
    const dot = this.#token === 'number' && isNumeric(this.#next) ? piece.indexOf('.') : -1;
    if (dot < 0) return piece;
    this.#held = piece.slice(dot);
    return piece.slice(0, dot);
  }

  #endNumber(): string {
    this.#token = undefined;
    const fraction = this.end();
    if (!WHOLE_FRACTION.test(fraction)) return fraction;
    this.changed = true;
    return '';
  }

  #endString(): string {
    this.#token = undefined;
    const current = this.#inside.at(-1);
    if (this.#key !== undefined && current) current.key = parseJson(this.#key) as string | undefined;
    this.#key = undefined;
    if (this.#held === undefined) return '';
    const raw = this.end();
    const text = parseJson(raw);
    const mended = typeof text === 'string' ? this.#valueIn(text.trim()) : undefined;
    this.changed ||= mended !== undefined;
    return mended ?? raw;
  }

  /** Returns the value that a text stands for, if it is the only one that the schema admits. */
  #valueIn(text: string): string | undefined {
    const types = typesOf(this.#next);
    if (NUMERAL.test(text)) {
      const number = text.replace(/\.0+$/, '');
      return types.has('number') || (types.has('integer') && INTEGER.test(number)) ? number : undefined;
    }
    if (/^(?:true|false)$/i.test(text)) return types.has('boolean') ? text.toLowerCase() : undefined;
    if (text === 'null') return types.has('null') ? text : undefined;
    const isRoot = this.#isWhole && this.#inside.length === 0;
    if (!/^[[{"]/.test(text) || (this.#options.plainText && !isRoot)) return undefined;
    const value = parseJson(text);
    const type = Array.isArray(value) ? 'array' : typeof value;
    if (type === 'string' ? !types.has('array') && !types.has('object') : !types.has(type)) return undefined;
    if (isRoot && type === 'object' && !hasRequired(value, this.#root)) return undefined;
    const inner = new TypedJson(this.#root, this.#options, { known: this.#known, next: this.#next });
    const mended = inner.write(text) + inner.end();
    return type === 'string' && !inner.changed ? undefined : mended;
  }

  #propertyOf({ schemas, key }: Inside): readonly Schema[] {
    if (key === undefined) return [];
    return limited(
      schemas.flatMap(({ properties, additionalProperties }) =>
        this.#alternatives(isSchema(properties) && Object.hasOwn(properties, key) ? properties[key] : additionalProperties),
      ),
    );
  }

  #itemsOf(schemas: readonly Schema[]): readonly Schema[] {
    return limited(schemas.flatMap(({ items }) => this.#alternatives(items)));
  }

  /** Returns the schema, the schemas it refers to, and all their alternatives; nothing if there are too many. */
  #alternatives(schema: unknown): readonly Schema[] {
    if (!isSchema(schema)) return [];
    const known = this.#known.get(schema);
    if (known) return known;
    const found = new Set<Schema>();
    const add = (each: unknown): void => {
      if (!isSchema(each) || found.has(each) || found.size > MOST) return;
      found.add(each);
      const { $ref: reference, anyOf, oneOf, allOf } = each;
      for (const other of [anyOf, oneOf, allOf]) if (Array.isArray(other)) other.slice(0, MOST + 1).forEach(add);
      if (typeof reference === 'string') add(referredTo(reference, this.#root));
    };
    add(schema);
    const all = found.size > MOST ? [] : [...found];
    this.#known.set(schema, all);
    return all;
  }
}

/** Each once: the alternatives of a schema that refers to itself would multiply at every level. */
function limited(schemas: readonly Schema[]): readonly Schema[] {
  const all = [...new Set(schemas)];
  return all.length > MOST ? [] : all;
}

function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

function typesOf(schemas: readonly Schema[]): Set<unknown> {
  return new Set(schemas.flatMap(({ type }) => type));
}

function isNumeric(schemas: readonly Schema[]): boolean {
  return schemas.some(({ type }) => type === 'number' || type === 'integer' || (Array.isArray(type) && (type.includes('number') || type.includes('integer'))));
}

/** True if a string may stand there, or nothing is known of the place. */
function mayBeText(schemas: readonly Schema[]): boolean {
  const types = typesOf(schemas);
  types.delete(undefined);
  return types.size === 0 || types.has('string') || schemas.some(isOpen);
}

function isOpen({ type, enum: values, const: only, $ref: reference, anyOf, oneOf, allOf }: Schema): boolean {
  if ([only, values].flat().some((value) => typeof value === 'string')) return true;
  return [type, reference, anyOf, oneOf, allOf].every((keyword) => keyword === undefined);
}

function hasRequired(value: unknown, { required }: Schema): boolean {
  return isSchema(value) && (!Array.isArray(required) || required.every((name) => Object.hasOwn(value, String(name))));
}
