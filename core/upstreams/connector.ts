import type { Socket } from 'node:net';
import { buildConnector } from 'undici';

const CONTINUE = 'HTTP/1.1 100';
const HEAD_END = '\r\n\r\n';

/** What an error of a connection says about it. */
interface Told extends Error {
  code?: string;
  socket?: { bytesRead?: number };
}

/** Connects to providers. Milliseconds; the sockets take an unasked `100 Continue`, and their errors tell `isStale`. */
export function createConnector(timeout: number): buildConnector.connector {
  const connect = buildConnector({ timeout });
  return (options, callback) =>
    connect(options, (...result) => {
      const [, socket] = result;
      if (socket) prepare(socket);
      callback(...result);
    });
}

/**
 * True if a kept connection closed where an answer should have begun: the provider gave it up just when the request
 * was sent. A new connection has read nothing yet.
 */
export function isStale(error: unknown): boolean {
  const { code, socket, message } = (error ?? {}) as Partial<Told>;
  const closed = code === 'ECONNRESET' || code === 'EPIPE' || (code === 'UND_ERR_SOCKET' && message === 'other side closed');
  return closed && (socket?.bytesRead ?? 0) > 0;
}

function prepare(socket: Socket & { alpnProtocol?: string | false | null }): void {
  if (socket.alpnProtocol === 'h2') return;
  const read = socket.read.bind(socket);
  socket.read = (size?: number) => ignoreContinue(read(size));
  socket.prependListener('error', (error: Told) => {
    error.socket ??= { bytesRead: socket.bytesRead };
  });
}

/**
 * Turns `100 Continue` into `102 Processing`, which means as little: undici takes a 100 that it did not ask for as an
 * error, while RFC 9110 lets a client ignore it. In an answer a line cannot begin like this: JSON escapes line ends.
 */
function ignoreContinue(chunk: Buffer | null): Buffer | null {
  let at = 0;
  while (chunk && chunk[at] === 0x48 && chunk.toString('latin1', at, at + CONTINUE.length) === CONTINUE) {
    chunk[at + CONTINUE.length - 1] = 0x32;
    at = chunk.indexOf(HEAD_END, at) + HEAD_END.length;
    if (at < HEAD_END.length) break;
  }
  return chunk;
}
