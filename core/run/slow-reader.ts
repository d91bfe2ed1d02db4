import type { ServerResponse } from 'node:http';
import type { Clock, Timer } from '../contract/clock.ts';

/** Milliseconds in which a client must take at least one byte; fewer when the gateway is to stop. */
const PATIENCE = 120_000;
const HURRIED = 4_000;
/** How often it is looked within that time. */
const LOOKS = 4;

/** Watches a client that is behind with reading, and gives it up when it takes nothing at all. */
export class SlowReader {
  readonly #response: ServerResponse;
  readonly #clock: Clock;
  readonly #giveUp: (milliseconds: number) => void;
  #patience = PATIENCE;
  #timer: Timer | undefined;
  #unread = 0;
  #looks = 0;

  constructor(response: ServerResponse, clock: Clock, giveUp: (milliseconds: number) => void) {
    this.#response = response;
    this.#clock = clock;
    this.#giveUp = giveUp;
  }

  /** Call it after a write that has to wait for the client. Each such write shows that an earlier one was read. */
  watch(): void {
    this.#looks = 0;
    this.#unread = unreadOf(this.#response);
    if (this.#timer) return;
    this.#response.once('close', () => this.#timer?.stop());
    this.#start();
  }

  /** Gives up earlier: the gateway is to stop. */
  hurry(): void {
    this.#patience = HURRIED;
    this.#looks = 0;
    if (!this.#timer) return;
    this.#timer.stop();
    this.#start();
  }

  #start(): void {
    this.#timer = this.#clock.after(this.#patience / LOOKS, () => this.#look());
  }

  #look(): void {
    const unread = unreadOf(this.#response);
    this.#looks = unread === this.#unread && this.#response.socket !== null ? this.#looks + 1 : 0; // a pipelined answer has no socket yet
    this.#unread = unread;
    if (unread > 0 && this.#looks >= LOOKS) this.#giveUp(this.#patience);
    else this.#timer?.refresh();
  }
}

/** Bytes that the client has not taken. Node counts a write as a whole; how much of it has gone, only its handle knows. */
function unreadOf({ writableLength, socket }: ServerResponse): number {
  const { _handle: handle } = (socket ?? {}) as { _handle?: { writeQueueSize?: number } | null };
  return writableLength + (handle?.writeQueueSize ?? 0);
}
