import net, { type Socket } from 'node:net';
import { codexRequest } from './bodies.ts';

/** The text of every chunk of the mock: "first delta" means text, not a role or `response.created`. */
export const CHUNK_TEXT = ' the quick brown';
const FIRST_TEXT = Buffer.from(CHUNK_TEXT);
const END = Buffer.from('0\r\n\r\n');

/** A whole HTTP request that asks a gateway for a stream. */
export function requestBytes(url: URL, model: string): Buffer {
  const body = Buffer.from(JSON.stringify(codexRequest(model)));
  const head = `POST ${url.pathname} HTTP/1.1\r\nhost: ${url.host}\r\ncontent-type: application/json\r\naccept: text/event-stream\r\n`;
  return Buffer.concat([Buffer.from(`${head}authorization: Bearer bench\r\ncontent-length: ${body.length}\r\nconnection: keep-alive\r\n\r\n`), body]);
}

export interface Streamed {
  /** Milliseconds from the request to the first text. */
  firstMs: number;
  bytes: number;
  /** The answer as it came, if `keep` was set. */
  text: string;
}

/**
 * A keep-alive connection that sends the same request again and again. It parses HTTP no further than a measurement
 * needs: raw sockets are cheap.
 */
export class Client {
  readonly #socket: Socket;
  readonly #request: Buffer;
  #onData: (bytes: Buffer) => void = () => {};
  #onClose: (error: Error) => void = () => {};

  constructor(url: URL, request: Buffer) {
    this.#request = request;
    this.#socket = net.connect({ host: url.hostname, port: Number(url.port), noDelay: true });
    this.#socket.on('data', (bytes) => this.#onData(bytes));
    this.#socket.on('error', (error) => this.#onClose(error));
    this.#socket.on('close', () => this.#onClose(new Error('the connection was closed early')));
  }

  /** Resolves with the whole stream, or after its first text with `untilText`. */
  ask({ keep = false, untilText = false } = {}): Promise<Streamed> {
    return new Promise((resolve, reject) => {
      const from = performance.now();
      const streamed: Streamed = { firstMs: 0, bytes: 0, text: '' };
      let tail: Buffer = Buffer.alloc(0);
      this.#onClose = reject;
      this.#onData = (bytes) => {
        if (streamed.bytes === 0 && bytes.toString('latin1', 9, 12) !== '200') return reject(new Error(bytes.toString('utf8', 0, 600)));
        streamed.bytes += bytes.length;
        if (keep) streamed.text += bytes.toString('latin1');
        if (streamed.firstMs === 0 && bytes.includes(FIRST_TEXT)) streamed.firstMs = performance.now() - from;
        tail = bytes.length >= END.length ? bytes.subarray(-END.length) : Buffer.concat([tail, bytes]).subarray(-END.length);
        if (tail.equals(END) || (untilText && streamed.firstMs > 0)) resolve(streamed);
      };
      this.#socket.write(this.#request);
    });
  }

  close(): void {
    this.#onClose = () => {};
    this.#socket.destroy();
  }
}
