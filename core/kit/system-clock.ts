import type { Clock } from '../contract/clock.ts';

/** The machine's clock. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: Date.now,
  elapsed: () => performance.now(),
  after(milliseconds, run) {
    const timeout = setTimeout(run, milliseconds).unref();
    return { refresh: () => timeout.refresh(), stop: () => clearTimeout(timeout) };
  },
  id: (prefix) => `${prefix}_${crypto.randomUUID().replaceAll('-', '')}`,
  random: Math.random,
};
