import type { CanonicalRequest, StreamEvent } from '../canonical.ts';
import type { Clock, Timer } from '../clock.ts';
import type { Codec, Decoder } from '../dialects/codec.ts';
import { GatewayError } from '../errors.ts';
import type { Exchange } from '../exchange.ts';
import type { Pipeline } from '../pipeline.ts';
import type { ProviderFailure } from '../plugin.ts';
import type { ModelFacts, Retries } from '../preset.ts';
import { failureToError, readFailure, retryAfterOf } from './failure.ts';
import type { HttpClient, ProviderAnswer } from './http.ts';
import { readModel } from './read-model.ts';
import { type Reads, readAll } from './reads.ts';
import { withRetries } from './retry.ts';
import { eventData } from './sse.ts';
import type { Emit, Upstream } from './upstream.ts';

const LARGEST_REFUSAL = 1 << 20;
const LARGEST_ANSWER = 64 << 20;
/** Milliseconds that usage may come after the finish reason: some hosts never close. */
const GRACE = 3_000;

interface Options {
  codec: Codec;
  pipeline: Pipeline;
  http: HttpClient;
  clock: Clock;
  retries: Retries | undefined;
  /** Milliseconds a streaming client waits for a status. */
  commitAfter: number;
  /** The base and what authorises us there, for the list of models. */
  base: string;
  authorization: Record<string, string>;
}

/** A provider's endpoint in one dialect. */
export class HttpUpstream implements Upstream {
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  open(exchange: Exchange, request: CanonicalRequest, emit: Emit): Promise<void> {
    // no closure here may capture the request: it would live as long as the stream
    return this.#ask(exchange, request).then(({ answer, characters }) => this.#read(answer, exchange, this.#options.codec.decoder(exchange, characters), emit));
  }

  async models(signal: AbortSignal): Promise<ModelFacts[] | undefined> {
    const { base, http, authorization, codec } = this.#options;
    const { status, reads } = await http.send(new URL(`${base}/models`), { ...codec.headers, ...authorization }, undefined, signal);
    const body = parse((await readAll(reads, LARGEST_ANSWER)).toString()) as { data?: unknown[] } | undefined;
    if (status !== 200 || !Array.isArray(body?.data)) return undefined;
    return body.data.flatMap(readModel);
  }

  close(): Promise<void> {
    return this.#options.http.close();
  }

  /** Its own function, so that no form of the request is kept while the answer streams for minutes. */
  async #ask(exchange: Exchange, request: CanonicalRequest): Promise<{ answer: ProviderAnswer; characters: number }> {
    const { codec, pipeline, clock, retries, commitAfter } = this.#options;
    const wire = codec.encode(request, exchange);
    await pipeline.wireRequest.promise(wire, exchange);
    if (exchange.log.isLevelEnabled('debug')) exchange.log.debug({ tools: toolNames(wire) }, 'tools for the provider');
    const body = JSON.stringify(wire);
    const within = exchange.asked.stream ? commitAfter : undefined;
    const answer = await withRetries(() => this.#attempt(exchange, body), { clock, retries, within, signal: exchange.signal });
    return { answer, characters: body.length };
  }

  async #attempt(exchange: Exchange, body: string): Promise<ProviderAnswer> {
    const { codec, http, clock } = this.#options;
    const { url, headers } = exchange.upstream;
    const answer = await http.send(url, { ...codec.headers, ...headers }, body, exchange.signal);
    if (answer.status >= 200 && answer.status < 300) return answer;
    const idle = this.#idleTimer(answer.reads);
    const told = await readAll(answer.reads, LARGEST_REFUSAL).then(String, () => ''); // its status tells enough
    idle.stop();
    if (answer.status < 400)
      throw new GatewayError('upstream_protocol', `the provider answered with a redirect (HTTP ${answer.status}), which is not followed`);
    throw this.#failure(readFailure(answer.status, parse(told), retryAfterOf(answer.headers, clock.now())), exchange);
  }

  #failure(failure: ProviderFailure, exchange: Exchange): GatewayError {
    return failureToError(this.#options.pipeline.wireFailure.call(failure, exchange));
  }

  async #read({ headers, reads }: ProviderAnswer, exchange: Exchange, decoder: Decoder, emit: Emit): Promise<void> {
    await emit([{ type: 'start' }]);
    const type = String(headers['content-type'] ?? '');
    if (type.includes('html')) {
      const error = new GatewayError('upstream_protocol', 'the provider sent a web page in place of an answer');
      reads.abort(error);
      throw error;
    }
    const events: StreamEvent[] = [];
    const onChunk = this.#chunkReader(exchange, decoder, events);
    if (!type.includes('json')) return this.#stream(reads, decoder, events, onChunk, emit);
    const idle = this.#idleTimer(reads);
    const whole = await readAll(reads, LARGEST_ANSWER).finally(() => idle.stop());
    onChunk(whole.toString());
    decoder.end(false, events);
    await emit(events);
  }

  /** Hands over one batch per socket read. Only progress holds off the idle limit: a provider may ping for ever. */
  async #stream(reads: Reads, decoder: Decoder, events: StreamEvent[], onChunk: (data: string) => void, emit: Emit): Promise<void> {
    const take = () => events.splice(0);
    const idle = this.#idleTimer(reads);
    const ended = Promise.withResolvers<void>();
    let grace: Timer | undefined;
    const feed = eventData((data) => (data === '[DONE]' ? decoder.end(true, events) : onChunk(data)));
    const finish = () => reads.abort(new GatewayError('stream_cut', 'the provider did not close its stream'));
    const reading = reads.each((bytes) => {
      if (decoder.ended) return undefined;
      feed(bytes);
      if (decoder.finished || decoder.ended) grace ??= this.#options.clock.after(GRACE, finish);
      if (events.length === 0) return undefined;
      idle.refresh();
      const waiting = emit(take());
      if (!decoder.ended) return waiting;
      ended.resolve(); // nobody waits for the provider to close, and after the end no drain comes
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
    decoder.end(false, events);
    if (events.length > 0) await emit(take());
  }

  #idleTimer(reads: Reads): Timer {
    const { clock, http } = this.#options;
    const { idle } = http.timeouts;
    if (idle === 0) return { refresh() {}, stop() {} };
    return clock.after(idle, () => reads.abort(new GatewayError('upstream_timeout', `the provider sent nothing new for ${idle / 1000} s`)));
  }

  #chunkReader(exchange: Exchange, decoder: Decoder, events: StreamEvent[]): (data: string) => void {
    const { codec, pipeline } = this.#options;
    const { wireChunk } = pipeline;
    const tapped = wireChunk.isUsed();
    return (data) => {
      const chunk = parse(data);
      if (typeof chunk !== 'object' || chunk === null) throw new GatewayError('upstream_protocol', 'the provider sent something that is not JSON');
      if (codec.isFailure(chunk)) return decoder.fail(this.#failure(readFailure(200, chunk), exchange), events);
      decoder.chunk(tapped ? wireChunk.call(chunk, exchange) : chunk, events);
    };
  }
}

/** Names only, in whichever dialect: flat, or nested in `function`. */
function toolNames(body: object): unknown[] {
  const { tools } = body as { tools?: unknown };
  return Array.isArray(tools) ? tools.map((tool: { name?: unknown; function?: { name?: unknown } }) => tool.function?.name ?? tool.name) : [];
}

/** A connection that breaks in the middle of an answer. */
function asCut(thrown: unknown): unknown {
  if (!(thrown instanceof GatewayError) || thrown.code !== 'upstream_unreachable') return thrown;
  return new GatewayError('stream_cut', 'the connection to the provider broke in the middle of its answer', { cause: thrown });
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
