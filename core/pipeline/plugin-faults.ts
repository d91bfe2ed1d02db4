import { GatewayError, messageOf } from '../contract/errors.ts';
import type { Exchange } from '../contract/exchange.ts';
import type { Plugin } from '../contract/plugin.ts';
import { perExchange } from '../kit/per-exchange.ts';

/** Attributes a failure to its handler. A GatewayError is a refusal on purpose, anything else `plugin_failed`. */
export function blame({ name }: Pick<Plugin, 'name'>, handler: string, thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown.details.plugin ? thrown : thrown.with({ plugin: name });
  return new GatewayError('plugin_failed', `plugin "${name}" failed in ${handler}: ${messageOf(thrown)}`, { plugin: name, cause: thrown });
}

/** Describes a wrong return to the plugin's author, without the value itself: it may hold a prompt. */
export function wrongReturn(value: unknown, expected: string): Error {
  if (isPromise(value)) value.then(undefined, () => {}); // nobody awaits it: its rejection would be an unhandled one
  return new TypeError(`it returned ${kindOf(value)}; ${expected}`);
}

/** Decides whether the exchange goes on without the plugin. If so, logs the failure and warns the client, once. */
export function isSkipped(plugin: Plugin, handler: string, error: GatewayError, exchange: Exchange): boolean {
  if (plugin.onError !== 'skip' || error.code !== 'plugin_failed') return false;
  const reported = skipped(exchange);
  if (!reported.has(plugin.name)) {
    reported.add(plugin.name);
    exchange.log.warn({ err: error, plugin: plugin.name }, `${error.message}; the exchange goes on without it`);
    exchange.warn({ param: `plugins.${plugin.name}`, reason: `failed_in_${handler}_and_was_skipped` });
  }
  return true;
}

const skipped = perExchange(() => new Set<string>());

export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as PromiseLike<unknown>).then === 'function';
}

/** Names the kind of a value, and nothing of its content. */
export function kindOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return 'a string';
    case 'function':
      return value.name ? `the function ${value.name}` : 'a function';
    case 'symbol':
      return 'a symbol';
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
      return isPromise(value) ? 'a promise' : 'an object';
    default:
      return String(value);
  }
}
