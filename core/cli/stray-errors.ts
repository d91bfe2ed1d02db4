import { messageOf } from '../contract/errors.ts';
import type { Gateway } from '../gateway/create-gateway.ts';

/**
 * Keeps the process alive after a failure that nobody waits for: a promise that a plugin dropped, an exception in its
 * timer. Each is counted, and logged once with the plugin whose file or handler is in its stack.
 */
export function catchStrayErrors(gateway: Pick<Gateway, 'log' | 'providers' | 'strayErrors'>): void {
  const note = (thrown: unknown, what: string) => {
    gateway.strayErrors.count++;
    const plugin = pluginIn(thrown, gateway);
    const where = plugin ? `plugin "${plugin}"` : 'a plugin, or the gateway itself';
    gateway.log.error({ err: thrown, plugin }, `${where} left ${what}: ${messageOf(thrown)}; the gateway goes on`);
  };
  process.on('unhandledRejection', (reason) => note(reason, 'a rejected promise that nobody waits for'));
  process.on('uncaughtException', (error) => note(error, 'an exception that nobody catches'));
}

/** Found by the name of its file, `acme.ts` or `plugins/acme.js`, or of the handler's frame. */
function pluginIn(thrown: unknown, { providers }: Pick<Gateway, 'providers'>): string | undefined {
  if (!(thrown instanceof Error) || !thrown.stack) return undefined;
  const frames = thrown.stack.split('\n').slice(1);
  const names = new Set(providers.flatMap(({ plugins }) => plugins.map(({ name }) => name)));
  for (const frame of frames) {
    const [, handler] = /plugin "([\w-]+)"/.exec(frame) ?? [];
    const [, file] = /([\w-]+)\.[cm]?[jt]s\b[^/\\]*$/.exec(frame) ?? [];
    const found = [handler, file].find((name) => name !== undefined && names.has(name));
    if (found) return found;
  }
  return undefined;
}
