import type { Clock } from '../../core/contract/clock.ts';

const START = Date.UTC(2026, 0, 1);

interface Waiting {
  at: number;
  every: number;
  run: () => void;
}

/**
 * A clock that stands still until a test lets time pass, and ids that count: two runs of an exchange are the same,
 * byte for byte.
 */
export class CountingClock implements Clock {
  #time = 0;
  #ids = 0;
  readonly #waiting = new Set<Waiting>();

  now = (): number => START + this.#time;
  elapsed = (): number => this.#time;
  random = (): number => 0.5;
  id = (prefix: string): string => `${prefix}_${String(++this.#ids).padStart(4, '0')}`;

  after = (milliseconds: number, run: () => void): { refresh(): void; stop(): void } => {
    const waiting: Waiting = { at: this.#time + milliseconds, every: milliseconds, run };
    this.#waiting.add(waiting);
    return {
      refresh: () => {
        waiting.at = this.#time + waiting.every;
        this.#waiting.add(waiting);
      },
      stop: () => this.#waiting.delete(waiting),
    };
  };

  /** The number of ids that it has made. */
  get made(): number {
    return this.#ids;
  }

  /** The delays of the timers that are set, in milliseconds. */
  get pending(): number[] {
    return [...this.#waiting].map(({ every }) => every);
  }

  /** Lets time pass, and runs the timers that fall due, in order. */
  advance(milliseconds: number): void {
    const until = this.#time + milliseconds;
    for (;;) {
      const [next] = [...this.#waiting].filter(({ at }) => at <= until).sort((one, other) => one.at - other.at);
      if (!next) break;
      this.#waiting.delete(next);
      this.#time = next.at;
      next.run();
    }
    this.#time = until;
  }
}
