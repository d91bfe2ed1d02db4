import { GatewayError } from '../contract/errors.ts';

/** The most bytes of one event: anything larger is no answer. */
const LARGEST_EVENT = 64 << 20;
/** The bytes of the longest separator of events, without its last byte. */
const TAIL = 3;
const [LF, CR] = [10, 13];
const NOTHING = Buffer.alloc(0);

/**
 * Cuts the bytes of a stream after whole events. The begun event waits in pieces that are not searched again: to join
 * or search them at every read would take quadratic time.
 */
export class WholeEvents {
  #pieces: Buffer[] = [];
  #size = 0;
  #tail: Buffer = NOTHING;

  /** The begun event. */
  get rest(): Buffer {
    return Buffer.concat(this.#pieces);
  }

  /** Returns all events that these bytes complete. Throws `upstream_protocol` if one grows beyond 64 MiB. */
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
    // the copy matters: a view would keep the whole read in memory
    if (cut < bytes.length) this.#keep(Buffer.from(bytes.subarray(cut)), bytes.subarray(cut));
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

/**
 * Returns the position after the last blank line; 0 if there is none. Lines end in LF, CRLF or CR, also mixed: two ends
 * in a row make a blank line. LF and CR at the very end wait for the next byte: most likely it completes a CRLF.
 */
function endOf(bytes: Buffer): number {
  if (bytes.at(-1) === LF && bytes.at(-2) === LF) return bytes.length; // most reads
  const last = Math.max(bytes.lastIndexOf('\n\n'), bytes.lastIndexOf('\r\r'), bytes.length > 2 ? bytes.lastIndexOf('\n\r', bytes.length - 3) : -1);
  if (last < 0) return 0;
  const end = last + 2;
  return bytes[end - 1] === CR && bytes[end] === LF ? end + 1 : end;
}
