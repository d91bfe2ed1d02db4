import type { EndEvent, StreamEvent } from '../contract/canonical.ts';
import type { Timer } from '../contract/clock.ts';
import { GatewayError } from '../contract/errors.ts';
import type { Exchange } from '../contract/exchange.ts';
import type { Decoder } from '../dialects/codec.ts';
import { cutShort } from '../dialects/cut-short.ts';
import { parseJson } from '../kit/parse-json.ts';
import { asCut, type Endpoint, GRACE } from './endpoint.ts';
import { protocolFault, readFailure } from './failure.ts';
import { Opening } from './opening.ts';
import type { ProviderAnswer, Reads } from './reads.ts';
import { eventData } from './sse.ts';
import type { NativeAnswer, OnPart } from './upstream.ts';
import { WholeEvents } from './whole-events.ts';

/** The provider's headers that a client gets. */
const PASSED = /^(x-ratelimit-|anthropic-ratelimit-|request-id$|openai-processing-ms$)/;
/** Matches comments and pings, which are no progress. */
const SILENCE = /^(?:(?::[^\n]*|event: (?:ping|keepalive)\r?\ndata: [^\n]*)\s*)+$/;
const NOTHING = Buffer.alloc(0);

/**
 * Passes a provider's answer on to a client of the same dialect. A stream stays bytes unless a plugin taps its chunks;
 * only events that contain its end or usage are parsed.
 */
export async function forwardAnswer(answer: ProviderAnswer, endpoint: Endpoint, exchange: Exchange, characters: number): Promise<NativeAnswer> {
  const watch = new Watch(endpoint, exchange, characters);
  const { status, reads } = answer;
  const headers = Object.fromEntries(
    Object.entries(answer.headers).filter((header): header is [string, string] => PASSED.test(header[0]) && typeof header[1] === 'string'),
  );
  const isJson = String(answer.headers['content-type'] ?? '').includes('json');
  if (isJson) {
    const body = watch.whole(await endpoint.readWhole(reads));
    return { status, headers, body, each: () => Promise.resolve(), end: watch.end };
  }
  if (!exchange.asked.stream) {
    const error = new GatewayError('upstream_protocol', 'the provider streamed its answer, although no stream was requested');
    reads.abort(error);
    throw error;
  }
  return {
    status,
    headers,
    each: (onRead) => watch.stream(reads, onRead),
    get end() {
      return watch.end;
    },
  };
}

/** Watches a passing stream for its end, its usage and its progress. */
class Watch {
  readonly #endpoint: Endpoint;
  readonly #exchange: Exchange;
  readonly #decoder: Decoder;
  readonly #events: StreamEvent[] = [];
  readonly #markers: readonly Buffer[];
  readonly #tapped: boolean;
  readonly #whole = new WholeEvents();
  #failure: GatewayError | undefined;

  constructor(endpoint: Endpoint, exchange: Exchange, characters: number) {
    const { codec, pipeline } = endpoint.options;
    this.#endpoint = endpoint;
    this.#exchange = exchange;
    this.#decoder = codec.decoder(exchange, characters);
    this.#markers = codec.markers.map((marker) => Buffer.from(marker));
    this.#tapped = pipeline.wireChunk.isUsed();
  }

  get end(): EndEvent | undefined {
    const end = this.#events.find((event): event is EndEvent => event.type === 'end');
    if (!end?.usage?.estimated) return end;
    const { usage: _, ...rest } = end; // an estimate needs the whole text, which was not parsed
    return rest;
  }

  /** Returns the body to send. */
  whole(body: string): string {
    const chunk = parseJson(body);
    if (typeof chunk !== 'object' || chunk === null) {
      const what = body.trim() === '' ? 'sent an empty answer' : 'sent something that is not JSON';
      throw protocolFault(what, { host: this.#exchange.upstream.url.hostname, said: body });
    }
    const plain = this.#read(chunk);
    if (this.#failure) throw this.#failure;
    this.#decoder.end(false, this.#events);
    return plain === chunk ? body : JSON.stringify(plain);
  }

  async stream(reads: Reads, onRead: OnPart): Promise<void> {
    const idle = this.#endpoint.idleTimer(reads);
    const closed = Promise.withResolvers<void>();
    const opening = new Opening(this.#exchange);
    let grace: Timer | undefined;
    const finish = () => reads.abort(new GatewayError('stream_cut', 'the provider did not close its stream'));
    const reading = reads.each((bytes) => {
      if (this.#decoder.ended) return undefined;
      if (opening.unsure) opening.read(bytes);
      const part = this.#pass(bytes);
      if (part.length > 0 && !isSilence(part)) idle.refresh();
      const waiting = part.length > 0 ? onRead(part) : undefined;
      if (this.#failure) throw this.#failure;
      if (this.#decoder.finished || this.#decoder.ended) grace ??= this.#endpoint.options.clock.after(GRACE, finish);
      if (!this.#decoder.ended) return waiting;
      closed.resolve(); // do not wait for the provider to close
      return undefined;
    });
    reading.catch(() => {}).finally(() => grace?.stop());
    try {
      await Promise.race([reading, closed.promise]);
    } catch (thrown) {
      const cut = asCut(thrown);
      if (!this.#decoder.finished || !(cut instanceof GatewayError) || cut.code !== 'stream_cut') throw cut;
    } finally {
      idle.stop();
    }
    opening.check();
    const last = isWhole(this.#whole.rest) ? this.#pass(Buffer.from('\n\n')) : NOTHING;
    if (last.length > 2) onRead(last);
    if (this.#failure) throw this.#failure;
    if (!this.#decoder.ended && !this.#decoder.finished) throw cutShort();
    this.#decoder.end(false, this.#events);
  }

  /**
   * Returns the bytes to pass on: whole events only, and none from an error on or after the end. Events are parsed
   * only if a plugin taps them, or if they contain one of the dialect's markers.
   */
  #pass(bytes: Buffer): Buffer | string {
    const ready = this.#whole.take(bytes);
    if (ready.length === 0 || !(this.#tapped || this.#markers.some((marker) => ready.includes(marker)))) return ready;
    let out = '';
    let late = false;
    eventData((data, name) => {
      if (this.#failure) return;
      late ||= this.#decoder.ended;
      if (late) return;
      const chunk = this.#event(data);
      if (!this.#failure) out += `${name ? `event: ${name}\n` : ''}data: ${chunk ? JSON.stringify(chunk) : data.replaceAll('\n', '\ndata: ')}\n\n`;
    })(ready);
    return this.#tapped || this.#failure || late ? out : ready;
  }

  /** Returns the chunk if a plugin changed it. */
  #event(data: string): object | undefined {
    if (data === '[DONE]') this.#decoder.end(true, this.#events);
    const chunk = data === '[DONE]' ? undefined : parseJson(data);
    if (typeof chunk !== 'object' || chunk === null) return undefined;
    const plain = this.#read(chunk);
    return plain === chunk ? undefined : plain;
  }

  #read(chunk: object): object {
    const { codec, pipeline } = this.#endpoint.options;
    if (codec.isFailure(chunk)) {
      this.#failure = this.#endpoint.failure(readFailure(200, chunk), this.#exchange, true);
      return chunk;
    }
    const plain = this.#tapped ? pipeline.wireChunk.call(chunk, this.#exchange) : chunk;
    this.#decoder.chunk(plain, this.#events);
    // only the end matters here
    if (this.#events.length > 0 && this.#events.at(-1)?.type !== 'end') this.#events.length = 0;
    return plain;
  }
}

/** True if the rest of a stream is a whole event: half an event would be an error to the client. */
function isWhole(rest: Buffer): boolean {
  let whole = true;
  const feed = eventData((data) => {
    whole &&= data === '[DONE]' || parseJson(data) !== undefined;
  });
  feed(rest);
  feed(undefined);
  return whole;
}

function isSilence(part: Buffer | string): boolean {
  return part.length < 200 && SILENCE.test(part.toString());
}
