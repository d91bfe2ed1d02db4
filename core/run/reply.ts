import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Timer } from '../contract/clock.ts';
import type { Warning } from '../contract/exchange.ts';
import type { RunningExchange } from './running-exchange.ts';

const STREAM = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' };
const MOST_WARNINGS = 32;

/** The one place that writes an exchange's answer to the socket, and keeps the connection alive meanwhile. */
export class Reply {
  readonly #response: ServerResponse;
  readonly #exchange: RunningExchange;
  #silence: Timer | undefined;

  constructor(response: ServerResponse, exchange: RunningExchange) {
    this.#response = response;
    this.#exchange = exchange;
  }

  get status(): number {
    return this.#response.statusCode;
  }

  /** Sends 200 and the stream's headers; from now on failures are told in the stream. */
  beginStream(headers: Record<string, string> = {}): void {
    this.#response.writeHead(200, { ...headers, ...this.#headers(), ...STREAM });
    this.#exchange.started = true;
    const { everyMs, frame } = this.#exchange.keepAlive;
    this.#silence = this.#exchange.clock.after(everyMs, () => {
      if (this.#response.writableNeedDrain)
        this.#silence?.refresh(); // who does not read what there is needs no sign of life
      else this.write(frame);
    });
  }

  /** Returns what to wait for when the client reads too slowly; it rejects when the client goes away. */
  write(text: string | Buffer): Promise<unknown> | undefined {
    if (text.length === 0 || this.#response.destroyed) return undefined;
    this.#silence?.refresh();
    if (this.#response.write(text)) return undefined;
    const drained = once(this.#response, 'drain', { signal: this.#exchange.signal });
    drained.catch(() => {}); // nobody waits behind the last write: unhandled, it would end the process
    return drained;
  }

  endStream(text: string): void {
    this.stop();
    this.#response.end(text);
  }

  /** A whole answer. */
  send(status: number, headers: Record<string, string>, body: string): void {
    this.stop();
    if (this.#response.destroyed || this.#response.headersSent) return;
    this.#response.writeHead(status, { ...this.#headers(), 'content-type': 'application/json; charset=utf-8', ...headers });
    this.#exchange.started = true;
    this.#response.end(body);
  }

  stop(): void {
    this.#silence?.stop();
  }

  #headers(): Record<string, string> {
    const { id, warnings, client } = this.#exchange;
    const anthropic = client.dialect === 'messages' && { 'request-id': id };
    return { 'x-request-id': id, ...anthropic, ...(warnings.length > 0 && { 'x-tapline-warnings': encodeWarnings(warnings) }) };
  }
}

/** Names come from clients: a line end or a letter outside ASCII must not reach a header. */
function encodeWarnings(warnings: readonly Warning[]): string {
  const slug = (text: string) => text.replaceAll(/[^\w.[\]-]+/g, '_').slice(0, 80);
  const told = warnings.slice(0, MOST_WARNINGS).map(({ param, reason }) => `dropped=${slug(param)};reason=${slug(reason)}`);
  return [...told, ...(warnings.length > MOST_WARNINGS ? [`and=${warnings.length - MOST_WARNINGS}_more`] : [])].join(', ');
}
