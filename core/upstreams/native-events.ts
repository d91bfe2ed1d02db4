import type { EndEvent, StreamEvent } from '../contract/canonical.ts';
import { GatewayError } from '../contract/errors.ts';
import type { Exchange } from '../contract/exchange.ts';
import type { Decoder, Passing } from '../dialects/codec.ts';
import { cutShort } from '../dialects/cut-short.ts';
import { checkAnswer, type Endpoint, readChunk } from './endpoint.ts';
import { readFailure } from './failure.ts';
import { isPlain } from './plain-events.ts';
import { eventData } from './sse.ts';

/** The events of a passing answer. Reads those with its end, its usage or an error, and those that must be mended. */
export class NativeEvents {
  /** An error of the provider, which reaches the client in our words. Nothing passes after it. */
  failure: GatewayError | undefined;
  readonly #endpoint: Endpoint;
  readonly #exchange: Exchange;
  readonly #decoder: Decoder;
  readonly #passing: Passing;
  readonly #events: StreamEvent[] = [];
  readonly #tapped: boolean;
  #out = '';
  #changed = false;

  constructor(endpoint: Endpoint, exchange: Exchange, characters: number) {
    const { codec, pipeline } = endpoint.options;
    this.#endpoint = endpoint;
    this.#exchange = exchange;
    this.#decoder = codec.decoder(exchange, characters);
    this.#passing = codec.passing(exchange);
    this.#tapped = pipeline.wireChunk.isUsed();
  }

  get id(): string | undefined {
    return this.#passing.id;
  }

  get finished(): boolean {
    return this.#decoder.finished;
  }

  get ended(): boolean {
    return this.#decoder.ended;
  }

  get end(): EndEvent | undefined {
    const end = this.#events.find((event): event is EndEvent => event.type === 'end');
    if (!end?.usage?.estimated) return end;
    const { usage: _, ...rest } = end; // an estimate needs the whole text, which was not parsed
    return rest;
  }

  /** Returns the body to send. */
  whole(body: string): string {
    const chunk = readChunk(body, this.#exchange);
    const plain = this.#read(chunk);
    if (this.failure) throw this.failure;
    checkAnswer(plain, this.#endpoint.options.codec, this.#exchange);
    this.#decoder.end(false, this.#events);
    return plain === chunk ? body : JSON.stringify(plain);
  }

  /** Returns the bytes to pass on for whole events: the same ones unless something in them had to change. */
  pass(ready: Buffer): Buffer | string {
    const text = ready.toString('latin1'); // faster to search, and no more than that
    if (!this.#tapped && !this.#mustRead(text) && isPlain(text)) return ready;
    this.#out = '';
    this.#changed = this.#tapped;
    const feed = eventData((data, name) => this.#event(data, name));
    feed(ready);
    feed(undefined); // the parser waits behind a CR
    return this.#changed ? this.#out : ready;
  }

  /** Completes a stream, and returns what its client misses. Throws `stream_cut` if it is no whole answer. */
  close(): string {
    const missing = this.#missing(false);
    if (this.failure) throw this.failure;
    this.#decoder.end(false, this.#events);
    return missing;
  }

  #mustRead(text: string): boolean {
    return this.#endpoint.options.codec.markers.some((marker) => text.includes(marker)) || this.#passing.wants(text);
  }

  #event(data: string, name: string | undefined): void {
    if (this.failure || this.#decoder.ended) {
      this.#changed = true; // neither an error nor what follows an end passes
      return;
    }
    if (data === '[DONE]') return this.#done();
    const chunk = this.#chunk(data);
    if (this.failure) {
      this.#changed = true;
      return;
    }
    this.#changed ||= chunk !== undefined;
    this.#out += `${name ? `event: ${name}\n` : ''}data: ${chunk ? JSON.stringify(chunk) : data.replaceAll('\n', '\ndata: ')}\n\n`;
  }

  #done(): void {
    const missing = this.#missing(true);
    this.#changed ||= missing !== this.#passing.done || this.failure !== undefined;
    this.#out += missing;
    if (!this.failure) this.#decoder.end(true, this.#events);
  }

  /** Returns the chunk if it changed. */
  #chunk(data: string): object | undefined {
    const isOrdinary = !this.#tapped && data.startsWith('{') && data.endsWith('}') && !this.#mustRead(data);
    if (isOrdinary) return undefined;
    try {
      const chunk = readChunk(data, this.#exchange);
      const plain = this.#read(chunk);
      return plain === chunk ? undefined : plain;
    } catch (thrown) {
      if (!(thrown instanceof GatewayError)) throw thrown;
      this.failure = thrown;
      return undefined;
    }
  }

  #read(chunk: object): object {
    const { codec, pipeline } = this.#endpoint.options;
    if (codec.isFailure(chunk)) {
      this.failure = this.#endpoint.failure(readFailure(200, chunk), this.#exchange, true);
      return chunk;
    }
    const plain = this.#passing.chunk(this.#tapped ? pipeline.wireChunk.call(chunk, this.#exchange) : chunk);
    this.#decode(plain);
    return plain;
  }

  #decode(chunk: object): void {
    this.#decoder.chunk(chunk, this.#events);
    // only the end matters here
    if (this.#events.length > 0 && this.#events.at(-1)?.type !== 'end') this.#events.length = 0;
  }

  /** The events that still miss, as text. Their end counts like one that the provider has sent. */
  #missing(marked: boolean): string {
    const chunks = this.#passing.missing(marked);
    if (!chunks) {
      this.failure = cutShort();
      return '';
    }
    for (const chunk of chunks) this.#decode(chunk);
    const events = chunks.map((chunk: { type?: unknown }) => `${chunk.type ? `event: ${chunk.type}\n` : ''}data: ${JSON.stringify(chunk)}\n\n`);
    return events.join('') + this.#passing.done;
  }
}
