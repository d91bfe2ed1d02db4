import { types } from 'node:util';
import { DIALECTS } from '../contract/dialect.ts';
import { GatewayError } from '../contract/errors.ts';
import { CAPABILITIES, type Plugin } from '../contract/plugin.ts';
import { didYouMean } from '../kit/did-you-mean.ts';
import { kindOf } from './plugin-faults.ts';

/** Handlers that may return a promise. */
const AWAITED = ['start', 'stop', 'route', 'request', 'models', 'complete', 'end'] as const;
/** Handlers that must return at once, because a stream does not wait for them. */
const IMMEDIATE = ['item', 'event', 'error'] as const;
const HANDLERS: readonly string[] = [...AWAITED, ...IMMEDIATE, 'wire'];
const WIRE = ['request', 'chunk', 'failure'] as const;
const NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;

type Check = { expected: string; holds(value: unknown): boolean };
const oneOf = (names: readonly string[]): Check => ({
  expected: names.map((name) => `"${name}"`).join(', '),
  holds: (value) => names.includes(value as string),
});
const listOf = ({ expected, holds }: Check): Check => ({
  expected: `${expected}, or a list of them`,
  holds: (value) => holds(value) || (Array.isArray(value) && value.every(holds)),
});
const FIELDS: Readonly<Record<string, Check>> = {
  name: { expected: 'a name in kebab-case, like "acme-accent"', holds: (value) => typeof value === 'string' && NAME.test(value) },
  before: { expected: 'the name of a plugin', holds: (value) => typeof value === 'string' },
  upstream: listOf(oneOf(DIALECTS)),
  lane: oneOf(['native', 'translated']),
  place: oneOf(['last']),
  guard: { expected: 'true or false', holds: (value) => typeof value === 'boolean' },
  onError: oneOf(['fail', 'skip']),
  provides: listOf(oneOf(CAPABILITIES)),
  timeout: { expected: 'milliseconds, or 0 to wait for ever', holds: (value) => Number.isInteger(value) && (value as number) >= 0 },
};

/**
 * Checks the shape of an element of a list of plugins before it runs. Throws `config_invalid`, which names the place,
 * the plugin and the field, what was found and what is accepted. `place` is like `proxy.config.ts: plugins[0]`.
 */
export function checkPlugin(value: unknown, place: string): Plugin {
  if (typeof value === 'function') {
    const { name } = value;
    const call = types.isProxy(value) || !/^class\b/.test(String(value)) ? `${name || '…'}()` : `new ${name}()`;
    throw invalid(`${place}: found the function ${name || 'without a name'}; list what it returns: ${call}`);
  }
  if (typeof value !== 'object' || value === null) throw invalid(`${place}: found ${describe(value)}; a plugin is an object with a name and handlers`);
  const plugin = value as Record<string, unknown>;
  const { name } = plugin;
  if (name === undefined) throw invalid(`${place}: a plugin without "name"; expected ${FIELDS['name']?.expected}${misspelled('name', plugin)}`);
  const where = typeof name === 'string' ? `${place}: plugin "${name}"` : place;
  for (const field of fieldsOf(plugin)) checkField(field, plugin[field], where);
  const known = fieldsOf(plugin).filter((field) => HANDLERS.includes(field));
  if (known.length === 0) throw invalid(`${where}: the plugin has no handler, so it would do nothing; handlers are ${HANDLERS.join(', ')}`);
  if (plugin['guard'] === true && plugin['onError'] === 'skip')
    throw invalid(`${where}: a guard cannot have onError "skip": a failing guard would let through what it keeps out; remove one of the two`);
  return value as Plugin;
}

function checkField(field: string, value: unknown, where: string): void {
  const check = FIELDS[field];
  if (check) {
    if (value === undefined || check.holds(value)) return;
    const near = typeof value === 'string' && field !== 'name' && field !== 'before' ? didYouMean(value, check.expected.match(/[\w-]+/g) ?? []) : '';
    throw invalid(`${where}: ${field}: found ${describe(value)}${near}; expected ${check.expected}`);
  }
  if (field === 'wire') return value === undefined ? undefined : checkWire(value, where);
  if (HANDLERS.includes(field)) return checkHandler(field, value, where, (AWAITED as readonly string[]).includes(field));
  const names = [...Object.keys(FIELDS), ...HANDLERS];
  throw invalid(
    `${where}: unknown field "${field}"${didYouMean(field, names)}; a plugin has ${names.join(', ')}; rename a method of your own to _${field}, or keep it outside the plugin`,
  );
}

function checkWire(wire: unknown, where: string): void {
  const example = 'wire: { chat: { request(body) { … } } }';
  if (typeof wire !== 'object' || wire === null) throw invalid(`${where}: wire: found ${describe(wire)}; expected an object by dialect, like ${example}`);
  for (const [dialect, handlers] of Object.entries(wire)) {
    if (!(DIALECTS as readonly string[]).includes(dialect))
      throw invalid(`${where}: wire.${dialect}: unknown dialect${didYouMean(dialect, DIALECTS)}; expected ${DIALECTS.join(', ')}, like ${example}`);
    if (handlers === undefined) continue;
    if (typeof handlers !== 'object' || handlers === null)
      throw invalid(`${where}: wire.${dialect}: found ${describe(handlers)}; expected an object of handlers, like ${example}`);
    for (const field of fieldsOf(handlers as Record<string, unknown>)) {
      if (!(WIRE as readonly string[]).includes(field))
        throw invalid(`${where}: wire.${dialect}.${field}: unknown handler${didYouMean(field, WIRE)}; expected ${WIRE.join(', ')}`);
      checkHandler(`wire.${dialect}.${field}`, (handlers as Record<string, unknown>)[field], where, field === 'request');
    }
  }
}

function checkHandler(name: string, handler: unknown, where: string, awaited: boolean): void {
  if (handler === undefined) return;
  if (typeof handler !== 'function') throw invalid(`${where}: ${name}: found ${describe(handler)}; expected a function`);
  if (types.isGeneratorFunction(handler)) throw invalid(`${where}: ${name} is a generator; return a list, or one replacement`);
  if (!awaited && types.isAsyncFunction(handler))
    throw invalid(`${where}: ${name} is async, and a stream does not wait; return at once, and do slow work in "request" or "start"`);
}

/** The fields of the object and of its class. A name that begins with `_` is private, and not checked. */
function fieldsOf(plugin: object): string[] {
  const names = new Set<string>();
  for (let holder: object | null = plugin; holder && holder !== Object.prototype; holder = Object.getPrototypeOf(holder)) {
    for (const name of Object.getOwnPropertyNames(holder)) if (name !== 'constructor' && !name.startsWith('_')) names.add(name);
  }
  return [...names];
}

function misspelled(field: string, plugin: object): string {
  const near = fieldsOf(plugin).find((name) => didYouMean(name, [field]) !== '');
  return near === undefined ? '' : ` (did you mean "${field}" where it says "${near}"?)`;
}

/** Describes a value of a config in few words. */
function describe(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value) : kindOf(value);
}

function invalid(message: string): GatewayError {
  return new GatewayError('config_invalid', message);
}
