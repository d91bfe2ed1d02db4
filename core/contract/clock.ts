/** Time, timers and random ids: everything that would make two runs of an exchange differ. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds, for durations. */
  elapsed(): number;
  after(milliseconds: number, run: () => void): Timer;
  /** `prefix_` and 32 hexadecimal digits. */
  id(prefix: string): string;
  /** From 0 up to 1. */
  random(): number;
}

export interface Timer {
  /** Starts its time anew. */
  refresh(): void;
  stop(): void;
}
