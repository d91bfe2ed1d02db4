import type { CanonicalRequest, StreamEvent } from '../contract/canonical.ts';
import type { Timer } from '../contract/clock.ts';
import { GatewayError } from '../contract/errors.ts';
import type { Exchange } from '../contract/exchange.ts';
import type { ModelFacts } from '../contract/facts.ts';
import type { Decoder } from '../dialects/codec.ts';
import { asCut, checkAnswer, Endpoint, type EndpointOptions, GRACE, readChunk, refuseHtml } from './endpoint.ts';
import { readFailure } from './failure.ts';
import type { Method, PassedBody } from './http.ts';
import { forwardAnswer } from './native.ts';
import { prepareBody } from './native-request.ts';
import { Opening } from './opening.ts';
import type { ProviderAnswer, Reads } from './reads.ts';
import { eventData } from './sse.ts';
import type { Emit, NativeAnswer, PassedAnswer, Upstream } from './upstream.ts';

type OnChunk = (data: string, isWhole?: boolean) => void;

/** The client's headers that belong to a dialect, and neither to a connection nor to a person. */
const DIALECT_HEADERS = ['anthropic-version', 'anthropic-beta', 'openai-beta'] as const;

/** A provider's endpoint in one dialect. */
export class HttpUpstream implements Upstream {
  readonly #endpoint: Endpoint;

  constructor(options: EndpointOptions) {
    this.#endpoint = new Endpoint(options);
  }

  open(exchange: Exchange, request: CanonicalRequest, emit: Emit): Promise<void> {
    const { codec } = this.#endpoint.options;
    // no closure here may capture the request, which would then live as long as the stream
    return this.#endpoint
      .ask(exchange, codec.encode(request, exchange))
      .then(({ answer, characters }) => this.#read(answer, exchange, codec.decoder(exchange, characters), emit));
  }

  forward(exchange: Exchange, body: Record<string, unknown>): Promise<NativeAnswer> {
    prepareBody(body, exchange);
    return this.#endpoint
      .ask(exchange, body, dialectHeaders(exchange))
      .then(({ answer, characters }) => forwardAnswer(answer, this.#endpoint, exchange, characters));
  }

  async count(exchange: Exchange, asked: { body: Record<string, unknown> } | { request: CanonicalRequest }): Promise<number | undefined> {
    const { codec, pipeline } = this.#endpoint.options;
    if (codec.countPath === undefined) return undefined;
    if ('body' in asked) {
      const { client_metadata: _, ...body } = asked.body;
      return this.#endpoint.count(exchange, { ...body, model: exchange.model }, dialectHeaders(exchange));
    }
    await pipeline.request.promise(asked.request, exchange);
    return this.#endpoint.count(exchange, codec.encode(asked.request, exchange));
  }

  async pass(method: Method, route: string, signal: AbortSignal, body?: PassedBody): Promise<PassedAnswer> {
    const { status, headers, reads } = await this.#endpoint.pass(method, route, signal, body);
    const type = String(headers['content-type'] ?? '');
    if (type.includes('html')) refuseHtml({ status, headers, reads });
    return { status, type, each: (onRead) => reads.each(onRead) };
  }

  models(signal: AbortSignal): Promise<ModelFacts[] | undefined> {
    return this.#endpoint.models(signal);
  }

  async #read(answer: ProviderAnswer, exchange: Exchange, decoder: Decoder, emit: Emit): Promise<void> {
    const { headers, reads } = answer;
    const events: StreamEvent[] = [];
    const onChunk = this.#chunkReader(exchange, decoder, events);
    if (!String(headers['content-type'] ?? '').includes('json')) {
      await emit([{ type: 'start' }]);
      return this.#stream(exchange, reads, decoder, events, onChunk, emit);
    }
    onChunk(await this.#endpoint.readWhole(reads), true);
    const [refused] = events;
    // the provider has accepted nothing: the client gets a status, as after any other refusal
    if (refused?.type === 'end' && refused.error) throw refused.error;
    decoder.end(false, events);
    await emit([{ type: 'start' }, ...events]);
  }

  /** Emits one batch per socket read. Only progress restarts the idle limit: a provider may ping for ever. */
  async #stream(exchange: Exchange, reads: Reads, decoder: Decoder, events: StreamEvent[], onChunk: OnChunk, emit: Emit): Promise<void> {
    const take = () => events.splice(0);
    const idle = this.#endpoint.idleTimer(reads);
    const ended = Promise.withResolvers<void>();
    const opening = new Opening(exchange);
    let grace: Timer | undefined;
    const feed = eventData((data) => (data === '[DONE]' ? decoder.end(true, events) : onChunk(data)));
    const finish = () => reads.abort(new GatewayError('stream_cut', 'the provider did not close its stream'));
    const reading = reads.each((bytes) => {
      if (decoder.ended) return undefined;
      if (opening.unsure) opening.read(bytes);
      feed(bytes);
      if (decoder.finished || decoder.ended) grace ??= this.#endpoint.options.clock.after(GRACE, finish);
      if (events.length === 0) return undefined;
      idle.refresh();
      const waiting = emit(take());
      if (!decoder.ended) return waiting;
      ended.resolve(); // do not wait for the provider to close: after the end no drain comes
      return undefined;
    });
    reading.catch(() => {}).finally(() => grace?.stop());
    try {
      await Promise.race([reading, ended.promise]);
      feed(undefined);
    } catch (thrown) {
      const cut = asCut(thrown);
      if (!decoder.finished || !(cut instanceof GatewayError) || cut.code !== 'stream_cut') throw cut;
    } finally {
      idle.stop();
    }
    opening.check();
    decoder.end(false, events);
    if (events.length > 0) await emit(take());
  }

  #chunkReader(exchange: Exchange, decoder: Decoder, events: StreamEvent[]): OnChunk {
    const { codec, pipeline } = this.#endpoint.options;
    const { wireChunk } = pipeline;
    const tapped = wireChunk.isUsed();
    return (data, isWhole) => {
      if (decoder.ended) return; // ignore data after the end
      const chunk = readChunk(data, exchange);
      if (codec.isFailure(chunk)) return decoder.fail(this.#endpoint.failure(readFailure(200, chunk), exchange, true), events);
      const plain = tapped ? wireChunk.call(chunk, exchange) : chunk;
      if (isWhole) checkAnswer(plain, codec, exchange);
      decoder.chunk(plain, events);
    };
  }
}

function dialectHeaders({ client: { headers } }: Exchange): Record<string, string> {
  return Object.fromEntries(DIALECT_HEADERS.flatMap((name) => (typeof headers[name] === 'string' ? [[name, headers[name]]] : [])));
}
