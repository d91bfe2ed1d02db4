import type { Exchange } from '../contract/exchange.ts';
import { protocolFault } from './failure.ts';

/** Characters of a stream within which its first event, or a comment, must begin. */
const ENOUGH = 2_048;
const LINE_OF_EVENTS = /^\uFEFF?(?:data|event|id|retry)?:|^(?:data|event|id|retry)\r?$/m;

/** Looks at the beginning of a stream: a web page holds no event, whatever its content type says. */
export class Opening {
  readonly #host: string;
  #text = '';
  /** False as soon as the stream is known to hold events, or too long to be kept. */
  unsure = true;

  constructor({ upstream }: Exchange) {
    this.#host = upstream.url.hostname;
  }

  /** Throws `upstream_protocol` at the beginning of a page. */
  read(bytes: Buffer): void {
    this.#text += bytes.toString('utf8', 0, ENOUGH);
    if (/^\s*</.test(this.#text)) this.#refuse('sent a web page instead of an answer');
    this.unsure = this.#text.length < ENOUGH && !LINE_OF_EVENTS.test(this.#text);
  }

  /** Throws `upstream_protocol` after a stream without a single line of events. */
  check(): void {
    if (this.#text.trim() !== '' && !LINE_OF_EVENTS.test(this.#text)) this.#refuse('sent something that is no stream of events');
  }

  #refuse(what: string): never {
    throw protocolFault(what, { host: this.#host, said: this.#text });
  }
}
