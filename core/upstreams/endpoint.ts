import type { Clock, Timer } from '../contract/clock.ts';
import { GatewayError, messageOf } from '../contract/errors.ts';
import type { Exchange } from '../contract/exchange.ts';
import type { ModelFacts } from '../contract/facts.ts';
import type { ProviderFailure } from '../contract/plugin.ts';
import type { Retries } from '../contract/preset.ts';
import type { Codec } from '../dialects/codec.ts';
import { parseJson, wellFormedJson } from '../kit/parse-json.ts';
import type { Pipeline } from '../pipeline/create-pipeline.ts';
import { failureToError, protocolFault, readRefusal } from './failure.ts';
import type { HttpClient, Method, PassedBody } from './http.ts';
import { readModel } from './read-model.ts';
import type { ProviderAnswer } from './reads.ts';
import { type Reads, readAll } from './reads.ts';
import { withRetries } from './retry.ts';

/** Milliseconds for a count: an estimate is better than a client that waits. */
const COUNT_WITHIN = 4_000;
export const LARGEST_REFUSAL = 1 << 20;
export const LARGEST_ANSWER = 64 << 20;
/** Milliseconds to wait for usage after the finish reason: some hosts never close the stream. */
export const GRACE = 3_000;

export interface EndpointOptions {
  codec: Codec;
  pipeline: Pipeline;
  http: HttpClient;
  clock: Clock;
  retries: Retries | undefined;
  /** Milliseconds that a streaming client waits for a status. */
  commitAfter: number;
  /** The base URL, for the list of models and other routes. `authorization` is the header for them. */
  base: string;
  authorization: Record<string, string>;
}

/** A provider's endpoint in one dialect: sends a body, with retries, and reports why it was refused. */
export class Endpoint {
  readonly options: EndpointOptions;
  #counts = true;

  constructor(options: EndpointOptions) {
    this.options = options;
  }

  /**
   * Sends a request. Resolves with the head of an answer with a status of 200 to 299, and with the size of the sent
   * body; rejects with the meaning of a refusal.
   */
  async ask(exchange: Exchange, wire: object, ownHeaders: Record<string, string> = {}): Promise<{ answer: ProviderAnswer; characters: number }> {
    const { pipeline, clock, retries, commitAfter } = this.options;
    await pipeline.wireRequest.promise(wire, exchange);
    refuseLoss(exchange);
    if (exchange.log.isLevelEnabled('debug')) exchange.log.debug({ tools: toolNames(wire) }, 'tools for the provider');
    const body = toJson(wire, pipeline);
    const within = exchange.asked.stream ? commitAfter : undefined;
    const answer = await withRetries(() => this.#attempt(exchange, body, ownHeaders), { clock, retries, within, signal: exchange.signal });
    return { answer, characters: body.length };
  }

  /** Explains a refusal, or an error inside an answer. */
  failure(failure: ProviderFailure, exchange: Exchange, inAnswer = false): GatewayError {
    return failureToError(this.options.pipeline.wireFailure.call(failure, exchange), { host: exchange.upstream.url.hostname, inAnswer });
  }

  /** Ends the reading after too long without a call of `refresh`. The first progress may have a limit of its own. */
  idleTimer(reads: Reads): Timer {
    const { idle, firstToken = idle } = this.options.http.timeouts;
    let timer = this.#limit(reads, firstToken);
    let first = firstToken !== idle;
    return {
      refresh: () => {
        if (!first) return timer?.refresh();
        first = false;
        timer?.stop();
        timer = this.#limit(reads, idle);
      },
      stop: () => timer?.stop(),
    };
  }

  /** Reads a whole answer, within the idle limit. */
  readWhole(reads: Reads, limit = LARGEST_ANSWER): Promise<string> {
    const idle = this.idleTimer(reads);
    return readAll(reads, limit)
      .finally(() => idle.stop())
      .then(String);
  }

  /** Resolves with undefined if the provider does not count. It is not asked again if it has no such route. */
  async count(exchange: Exchange, wire: Record<string, unknown> | object, ownHeaders: Record<string, string> = {}): Promise<number | undefined> {
    const { codec, base, http, clock } = this.options;
    if (!this.#counts) return undefined;
    const { max_tokens: _, max_output_tokens: __, stream: ___, store: ____, include: _____, ...body } = wire as Record<string, unknown>;
    const late = new AbortController();
    const timer = clock.after(COUNT_WITHIN, () => late.abort());
    try {
      const url = new URL(base + codec.countPath);
      const headers = { ...codec.headers, ...ownHeaders, ...exchange.upstream.headers };
      const { status, reads } = await http.send(url, headers, wellFormedJson(JSON.stringify(body)), AbortSignal.any([exchange.signal, late.signal]));
      const answer = parseJson(await this.readWhole(reads, LARGEST_REFUSAL)) as { input_tokens?: unknown } | undefined;
      if (status === 404 || status === 405 || status === 501) this.#counts = false;
      return status === 200 && typeof answer?.input_tokens === 'number' ? answer.input_tokens : undefined;
    } catch (thrown) {
      exchange.log.debug({ err: thrown }, 'the provider did not count');
      return undefined;
    } finally {
      timer.stop();
    }
  }

  /** Sends a request to another route of the dialect, below the base. A refusal resolves, too. */
  pass(method: Method, route: string, signal: AbortSignal, body?: PassedBody): Promise<ProviderAnswer> {
    const { base, http, authorization, codec } = this.options;
    return http.send(new URL(base + route), { ...codec.headers, ...authorization }, body, signal, method);
  }

  async models(signal: AbortSignal): Promise<ModelFacts[] | undefined> {
    const { base, http, authorization, codec } = this.options;
    const { status, reads } = await http.send(new URL(`${base}/models`), { ...codec.headers, ...authorization }, undefined, signal);
    const body = parseJson((await readAll(reads, LARGEST_ANSWER)).toString()) as { data?: unknown[] } | undefined;
    if (status !== 200 || !Array.isArray(body?.data)) return undefined;
    return body.data.flatMap(readModel);
  }

  #limit(reads: Reads, within: number): Timer | undefined {
    const tooLong = () => reads.abort(new GatewayError('upstream_timeout', `the request timed out: the provider sent nothing new for ${within / 1000} s`));
    return within > 0 ? this.options.clock.after(within, tooLong) : undefined;
  }

  async #attempt(exchange: Exchange, request: string, ownHeaders: Record<string, string>): Promise<ProviderAnswer> {
    const { codec, http, clock } = this.options;
    const { url, headers } = exchange.upstream;
    const answer = await http.send(url, { ...codec.headers, ...ownHeaders, ...headers }, request, exchange.signal);
    if (answer.status >= 200 && answer.status < 300) {
      if (answer.status !== 200) return refuse(answer, `the provider answered HTTP ${answer.status}, which is no whole answer`);
      refuseCompressed(answer);
      if (isHtml(answer)) throw await this.#protocolFault(answer, exchange, 'sent a web page instead of an answer');
      return answer;
    }
    if (answer.status < 400) throw await this.#protocolFault(answer, exchange, 'answered with a redirect, which is not followed');
    const body = await this.readWhole(answer.reads, LARGEST_REFUSAL).catch(() => ''); // the status alone says enough
    throw this.failure(readRefusal(answer.status, body, { headers: answer.headers, now: clock.now() }), exchange);
  }

  /** A fault that lasts: it has nothing to do with this request. The log gets what the provider sent. */
  async #protocolFault({ status, reads }: ProviderAnswer, { upstream }: Exchange, what: string): Promise<GatewayError> {
    const late = this.options.clock.after(GRACE, () => reads.abort(new GatewayError('upstream_timeout', 'the page did not end')));
    const said = await readAll(reads, LARGEST_REFUSAL).catch(() => '');
    late.stop();
    return protocolFault(what, { host: upstream.url.hostname, said: String(said), status });
  }
}

/** Refuses a compressed answer: no request allows one, and to the client it would be noise. */
function refuseCompressed(answer: ProviderAnswer): void {
  const encoding = String(answer.headers['content-encoding'] ?? 'identity');
  if (/^(identity)?$/i.test(encoding)) return;
  refuse(answer, `the provider compressed its answer (content-encoding: ${encoding.slice(0, 40)}), although the request did not allow that`);
}

/** Refuses a web page. */
export function refuseHtml(answer: ProviderAnswer): void {
  if (isHtml(answer)) refuse(answer, 'the provider sent a web page instead of an answer');
}

function isHtml({ headers }: ProviderAnswer): boolean {
  return String(headers['content-type'] ?? '').includes('html');
}

/** Gives an answer up as `upstream_protocol`, and stops the provider. */
export function refuse({ reads }: ProviderAnswer, why: string): never {
  const error = new GatewayError('upstream_protocol', why);
  reads.abort(error);
  throw error;
}

/** Reads a chunk, or a whole answer. Throws `upstream_protocol` for anything but an object. */
export function readChunk(data: string, { upstream }: Exchange): object {
  const chunk = parseJson(data);
  if (typeof chunk === 'object' && chunk !== null) return chunk;
  throw protocolFault(data.trim() === '' ? 'sent an empty answer' : 'sent something that is not JSON', { host: upstream.url.hostname, said: data });
}

/** Throws `upstream_protocol` for JSON that is no answer of the dialect, like `{}`. */
export function checkAnswer(whole: object, { isAnswer }: Codec, { upstream }: Exchange): void {
  if (!isAnswer(whole)) throw protocolFault('sent JSON that is no answer', { host: upstream.url.hostname, said: JSON.stringify(whole) });
}

/** Reports a broken connection as `stream_cut` once the answer has begun. Other errors stay unchanged. */
export function asCut(thrown: unknown): unknown {
  if (!(thrown instanceof GatewayError) || thrown.code !== 'upstream_unreachable') return thrown;
  return new GatewayError('stream_cut', 'connection lost: the stream was interrupted, the connection to the provider broke in the middle of its answer', {
    cause: thrown,
  });
}

/** Serialises the body. A plugin may have left a value that JSON cannot express: the error names the candidates. */
function toJson(wire: object, { wireRequest }: Pipeline): string {
  try {
    return wellFormedJson(JSON.stringify(wire));
  } catch (cause) {
    const names = [...new Set(wireRequest.taps.map(({ name }) => name))];
    throw new GatewayError('plugin_failed', `a plugin left a body that cannot be written as JSON (${messageOf(cause)}): one of ${names.join(', ')}`, { cause });
  }
}

/** Refuses a strict request with warnings. By now all losses are known, and a strict client accepts none. */
function refuseLoss({ strict, warnings }: Exchange): void {
  const [first] = warnings;
  if (strict && first)
    throw new GatewayError('unsupported_parameter', `${first.param}: ${first.reason.replaceAll('_', ' ')}, which a strict request does not allow`, {
      param: first.param,
    });
}

/** Lists the names of tools in any dialect: flat, or nested in `function`. */
function toolNames(body: object): unknown[] {
  const { tools } = body as { tools?: unknown };
  return Array.isArray(tools) ? tools.map((tool: { name?: unknown; function?: { name?: unknown } }) => tool.function?.name ?? tool.name) : [];
}
