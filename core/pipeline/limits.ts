import type { Clock } from '../contract/clock.ts';
import type { Plugin } from '../contract/plugin.ts';

/** The time that handlers may take, and the `end` handlers that still run when the gateway stops. */
export interface Limits {
  readonly clock: Clock;
  /** Milliseconds that a handler's promise may take. 0: no limit. */
  readonly pluginTimeout: number;
  /** `end` handlers in progress. Nobody waits for them but the gateway when it stops. */
  readonly pending: Set<Promise<unknown>>;
}

/** Rejects when a promise takes longer than its plugin may. */
export function within(result: PromiseLike<unknown>, { timeout }: Plugin, { clock, pluginTimeout }: Pick<Limits, 'clock' | 'pluginTimeout'>): Promise<unknown> {
  const limit = timeout ?? pluginTimeout;
  return new Promise((resolve, reject) => {
    const late = () =>
      reject(
        new Error(
          `it did not finish within ${limit / 1000} s (pluginTimeout); a plugin that waits on purpose sets its own "timeout" in milliseconds, or 0 for no limit`,
        ),
      );
    const timer = limit > 0 ? clock.after(limit, late) : undefined;
    result.then(
      (value) => {
        timer?.stop();
        resolve(value);
      },
      (thrown) => {
        timer?.stop();
        reject(thrown);
      },
    );
  });
}
