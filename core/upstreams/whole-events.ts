import { GatewayError } from '../contract/errors.ts';

/** Bytes of one event; more is not an answer. */
const LARGEST_EVENT = 64 << 20;
/** Bytes of the longest end of an event, but for its last. */
const TAIL = 3;
const NOTHING = Buffer.alloc(0);

/**
 * Cuts the bytes of a stream behind whole events. What is begun waits in pieces, and is not searched again: to join
 * or search them at every read would take as long as the square of an event's size.
 */
export class WholeEvents {
  #pieces: Buffer[] = [];
  #size = 0;
  #tail: Buffer = NOTHING;

  /** What is begun and not whole. */
  get rest(): Buffer {
    return Buffer.concat(this.#pieces);
  }

  /** All events that these bytes complete. Throws `upstream_protocol` when one grows beyond 64 MiB. */
  take(bytes: Buffer): Buffer {
    const seen = this.#tail.length > 0 ? Buffer.concat([this.#tail, bytes]) : bytes;
    const end = endOf(seen);
    if (end === 0) return this.#keep(bytes, seen);
    const cut = end - this.#tail.length;
    const last = bytes.subarray(0, cut);
    const ready = this.#pieces.length > 0 ? Buffer.concat([...this.#pieces, last]) : last;
    this.#pieces = [];
    this.#size = 0;
    this.#tail = NOTHING;
    if (cut < bytes.length) this.#keep(Buffer.from(bytes.subarray(cut)), bytes.subarray(cut)); // a view would keep the whole read
    return ready;
  }

  #keep(bytes: Buffer, seen: Buffer): Buffer {
    this.#pieces.push(bytes);
    this.#size += bytes.length;
    if (this.#size > LARGEST_EVENT) throw new GatewayError('upstream_protocol', 'the provider sent an event larger than 64 MiB');
    this.#tail = Buffer.from(seen.subarray(-TAIL));
    return NOTHING;
  }
}

/** Behind the last blank line; 0 where there is none. */
function endOf(bytes: Buffer): number {
  const lf = bytes.lastIndexOf('\n\n');
  const crlf = bytes.lastIndexOf('\r\n\r\n');
  return Math.max(lf < 0 ? 0 : lf + 2, crlf < 0 ? 0 : crlf + 4);
}
