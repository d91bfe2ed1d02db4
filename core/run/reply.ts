import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Timer } from '../contract/clock.ts';
import type { Warning } from '../contract/exchange.ts';
import { EchoedKey } from './echoed-key.ts';
import type { RunningExchange } from './running-exchange.ts';
import { SlowReader } from './slow-reader.ts';

const STREAM = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' };

/**
 * Writes an exchange's answer to the socket, without the provider's key, and keeps the connection alive. Nothing else
 * writes to it.
 */
export class Reply {
  readonly #response: ServerResponse;
  readonly #exchange: RunningExchange;
  readonly #key: EchoedKey;
  readonly #reader: SlowReader;
  #silence: Timer | undefined;

  constructor(response: ServerResponse, exchange: RunningExchange) {
    this.#response = response;
    this.#exchange = exchange;
    this.#key = new EchoedKey(exchange);
    this.#reader = new SlowReader(response, exchange.clock, (milliseconds) => {
      exchange.log.warn(`the client has not read for ${milliseconds / 1000} s: its connection is closed`);
      this.close();
    });
  }

  get status(): number {
    return this.#response.statusCode;
  }

  /** Sends 200 and the stream's headers. From now on failures are reported in the stream. */
  beginStream(headers: Record<string, string> = {}): void {
    this.#response.writeHead(200, { ...this.#key.redactAll(headers), ...this.#headers(), ...STREAM });
    this.#exchange.started = true;
    const { everyMs, frame } = this.#exchange.keepAlive;
    this.#silence = this.#exchange.clock.after(everyMs, () => {
      if (this.#response.writableNeedDrain)
        this.#silence?.refresh(); // a client that is behind with reading needs no sign of life
      else this.write(frame);
    });
  }

  /** Returns a promise to wait for if the client reads too slowly; it rejects when the client goes away. */
  write(text: string | Buffer): Promise<unknown> | undefined {
    if (text.length === 0 || this.#response.destroyed) return undefined;
    this.#silence?.refresh();
    if (this.#response.write(this.#key.redact(text))) return undefined;
    this.#reader.watch();
    const drained = once(this.#response, 'drain', { signal: this.#exchange.signal });
    drained.catch(() => {}); // nobody awaits the last write, and an unhandled rejection would end the process
    return drained;
  }

  endStream(text: string): void {
    this.stop();
    this.#end(this.#key.redact(text));
  }

  /** Sends a whole answer. */
  send(status: number, headers: Record<string, string>, body: string): void {
    this.stop();
    if (this.#response.destroyed || this.#response.headersSent) return;
    this.#response.writeHead(status, { ...this.#headers(), 'content-type': 'application/json; charset=utf-8', ...this.#key.redactAll(headers) });
    this.#exchange.started = true;
    this.#end(this.#key.redact(body));
  }

  /** Closes the connection, and ends the exchange. */
  close(): void {
    this.#response.destroy();
    this.#exchange.leave();
  }

  /** Gives up earlier on a client that does not read: the gateway is to stop. */
  hurry(): void {
    this.#reader.hurry();
  }

  stop(): void {
    this.#silence?.stop();
  }

  #end(text: string): void {
    this.#response.end(text);
    if (this.#response.writableLength > 0 && !this.#response.destroyed) this.#reader.watch();
  }

  #headers(): Record<string, string> {
    const { id, warnings, moreWarnings, client } = this.#exchange;
    const anthropic = client.dialect === 'messages' && { 'request-id': id };
    return { 'x-request-id': id, ...anthropic, ...(warnings.length > 0 && { 'x-tapline-warnings': encodeWarnings(warnings, moreWarnings) }) };
  }
}

/** Encodes warnings for a header. Names come from clients: no line end and no letter outside ASCII may get in. */
function encodeWarnings(warnings: readonly Warning[], more: number): string {
  const slug = (text: string) => text.replaceAll(/[^\w.[\]-]+/g, '_').slice(0, 80);
  const encoded = warnings.map(({ param, reason }) => `dropped=${slug(param)};reason=${slug(reason)}`);
  return [...encoded, ...(more > 0 ? [`and=${more}_more`] : [])].join(', ');
}
