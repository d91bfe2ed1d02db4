import type { Exchange } from '../../core/contract/exchange.ts';
import type { Plugin } from '../../core/contract/plugin.ts';

type Run = (...call: unknown[]) => unknown;
interface Watch {
  /** Everything that a handler may change besides its arguments, as text. */
  around(): string;
  /** Called when a handler of the plugin changed anything. */
  acted(name: string): void;
}

/** Handlers that are not part of an exchange. */
const APART = ['start', 'stop', 'models'];

/**
 * Wraps a plugin to see if it acts: a plugin whose handlers leave everything unchanged is not needed in that exchange.
 */
export function watchPlugin(plugin: Plugin, watch: Watch): Plugin {
  const watched = Object.entries(plugin).map(([name, value]) => {
    if (name === 'wire') return [name, mapValues(value, (handlers) => mapValues(handlers as object, (run) => watchHandler(run as Run, plugin, watch)))];
    return [name, typeof value === 'function' && !APART.includes(name) ? watchHandler(value as Run, plugin, watch) : value];
  });
  return Object.fromEntries(watched) as Plugin;
}

function watchHandler(run: Run, plugin: Plugin, { around, acted }: Watch): Run {
  return (...call) => {
    const [given] = call;
    const exchange = call.at(-1) as Exchange;
    const look = () => (given === exchange ? '' : JSON.stringify(given)) + JSON.stringify(visible(exchange)) + around();
    const before = look();
    const report = (result: unknown) => {
      if ((result !== undefined && result !== given) || look() !== before) acted(plugin.name);
      return result;
    };
    try {
      const result = run.apply(plugin, call);
      return result instanceof Promise ? result.then(report) : report(result);
    } catch (thrown) {
      acted(plugin.name);
      throw thrown;
    }
  };
}

function visible({ model, preset, upstream, keepAlive, warnings }: Exchange): object {
  return { model, preset: preset.name, url: upstream.url.href, headers: upstream.headers, keepAlive, warnings };
}

function mapValues(record: object, map: (value: unknown) => unknown): object {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
