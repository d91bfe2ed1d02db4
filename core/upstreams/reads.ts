import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { GatewayError } from '../contract/errors.ts';

/** The head of an answer, and its body to read. */
export interface ProviderAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly reads: Reads;
}

export type OnRead = (bytes: Buffer) => Promise<unknown> | undefined;

/**
 * Reads an answer socket read by socket read. undici calls back once per HTTP chunk, hundreds of times for one socket
 * read. A microtask runs only after the last of them, so that the reader is called once, and nothing awaits per chunk.
 */
export class Reads implements Dispatcher.DispatchHandler {
  readonly #signal: AbortSignal;
  readonly #head = Promise.withResolvers<ProviderAnswer>();
  readonly #done = Promise.withResolvers<void>();
  #chunks: Buffer[] = [];
  #onRead: OnRead | undefined;
  #scheduled = false;
  #ended = false;
  #error: Error | undefined;
  #controller: Dispatcher.DispatchController | undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    this.#done.promise.catch(() => {}); // before anybody reads, the head reports the error
    signal.addEventListener('abort', this.#gone, { once: true });
    if (signal.aborted) this.#gone();
  }

  get head(): Promise<ProviderAnswer> {
    return this.#head.promise;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#error) controller.abort(this.#error);
  }

  onResponseStart(_: unknown, status: number, headers: IncomingHttpHeaders): void {
    if (status >= 200) this.#head.resolve({ status, headers, reads: this });
  }

  onResponseData(_: unknown, chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#schedule();
  }

  onResponseEnd(): void {
    this.#end();
  }

  onResponseError(_: unknown, error: Error): void {
    this.#end(asConnectionError(error));
    this.#head.reject(this.#error);
  }

  /** Ends the request and its stream with this error. */
  abort(error: GatewayError): void {
    if (this.#ended) return;
    this.#end(error);
    this.#head.reject(error);
    this.#controller?.abort(error);
  }

  /** Calls `onRead` with the bytes of each socket read. A promise that it returns pauses the provider. */
  each(onRead: OnRead): Promise<void> {
    this.#onRead = onRead;
    this.#schedule();
    return this.#done.promise;
  }

  readonly #gone = () => this.abort(new GatewayError('client_gone', 'the client went away'));

  #end(error?: Error): void {
    this.#signal.removeEventListener('abort', this.#gone);
    this.#ended = true;
    this.#error ??= error;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || !this.#onRead) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    try {
      const chunks = this.#chunks;
      if (chunks.length > 0) {
        this.#chunks = [];
        const full = this.#onRead?.(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
        if (full) return this.#pause(full);
      }
      if (this.#error) this.#done.reject(this.#error);
      else if (this.#ended) this.#done.resolve();
    } catch (thrown) {
      this.#fail(thrown as Error);
    }
  }

  #pause(full: Promise<unknown>): void {
    this.#controller?.pause();
    this.#scheduled = true;
    full.then(
      () => {
        this.#scheduled = false;
        this.#controller?.resume();
        this.#schedule();
      },
      (thrown) => this.#fail(thrown),
    );
  }

  /** An error of the reader ends the provider's stream, too. */
  #fail(thrown: Error): void {
    this.#onRead = undefined;
    this.#done.reject(thrown);
    this.#controller?.abort(thrown);
  }
}

/** Reads the whole answer. Rejects with `upstream_protocol` beyond `limit` bytes. */
export async function readAll(reads: Reads, limit: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  await reads.each((part) => {
    size += part.length;
    if (size > limit) throw new GatewayError('upstream_protocol', `the provider sent more than ${limit >> 20} MiB`);
    parts.push(part);
    return undefined;
  });
  return Buffer.concat(parts);
}

function asConnectionError(error: Error): GatewayError {
  if (error instanceof GatewayError) return error;
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT')
    return new GatewayError('upstream_timeout', 'the request timed out: the provider did not answer in time', { cause: error });
  return new GatewayError('upstream_unreachable', `the provider could not be reached (${code || error.message})`, { cause: error });
}
