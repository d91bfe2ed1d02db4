/**
 * Time, timers and random ids: everything that would make two runs of an exchange differ.
 * @example const timer = exchange.clock.after(5_000, () => exchange.log.warn('still waiting'));
 */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds since an arbitrary start, for durations. */
  elapsed(): number;
  /** Runs a function once, unless the timer is stopped. */
  after(milliseconds: number, run: () => void): Timer;
  /** Returns `prefix_` and 32 hexadecimal digits. */
  id(prefix: string): string;
  /** Returns a number from 0 up to, but not including, 1. */
  random(): number;
}

/** A running timer. */
export interface Timer {
  /** Restarts the full time. */
  refresh(): void;
  stop(): void;
}
