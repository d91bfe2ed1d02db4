import type { Clock } from '../contract/clock.ts';
import { GatewayError } from '../contract/errors.ts';
import { parseJson } from '../kit/parse-json.ts';
import { refuseHtml } from '../upstreams/endpoint.ts';
import { failureToError, readFailure } from '../upstreams/failure.ts';
import { HttpClient } from '../upstreams/http.ts';
import { readModel } from '../upstreams/read-model.ts';
import type { ProviderAnswer } from '../upstreams/reads.ts';
import { readAll } from '../upstreams/reads.ts';
import { eventData } from '../upstreams/sse.ts';
import { type FoldedAnswer, foldAnswer } from './fold-answer.ts';

export type ChatBody = Record<string, unknown>;

/** The outcome of one request. */
export type Reply = { verdict: 'accepted'; answer: FoldedAnswer } | { verdict: 'refused'; did: string; words: string } | { verdict: 'unclear'; did: string };

export interface LineOptions {
  /** The base that ends before `/chat/completions`. */
  base: string;
  headers: Record<string, string>;
  clock: Clock;
  /** Milliseconds that one request may take. */
  within: number;
  /** The most requests to send. */
  most: number;
  /** Waits, in milliseconds, before a throttled request is sent again. */
  wait: (milliseconds: number) => Promise<unknown>;
  /** Called before each request. */
  onAsk: (what: string) => void;
}

const LARGEST = 8 << 20;
/** Seconds; a provider that wants a longer wait is not asked again. */
const LONGEST_WAIT = 20;
/** Failures that every other question would meet, too. */
const HOPELESS = new Set(['upstream_authentication', 'upstream_permission', 'quota_exhausted', 'upstream_unreachable']);
const PASSING = new Set(['rate_limited', 'upstream_overloaded', 'upstream_timeout']);

/** A line straight to a provider's Chat endpoint: counts requests and tokens, and reads their outcomes. */
export class ProviderLine {
  asked = 0;
  readonly tokens = { prompt: 0, completion: 0 };
  readonly #options: LineOptions;
  readonly #http: HttpClient;

  constructor(options: LineOptions) {
    this.#options = options;
    this.#http = new HttpClient(options.clock, { connect: options.within, headers: options.within, idle: options.within });
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  /** Rejects with failures that end the whole probe: a refused key, an empty account, no server, a web page. */
  async ask(what: string, body: ChatBody): Promise<Reply> {
    const { most, onAsk, wait } = this.#options;
    if (this.asked >= most) return { verdict: 'unclear', did: `not asked: ${most} requests were sent already` };
    onAsk(what);
    try {
      return await this.#attempt(body);
    } catch (thrown) {
      const error = thrown as GatewayError;
      const { retryAfter = 1 } = error.details ?? {};
      if (error.code !== 'rate_limited' || retryAfter > LONGEST_WAIT) return outcomeOf(error);
      await wait(retryAfter * 1_000);
      return await this.#attempt(body).catch(outcomeOf);
    }
  }

  /** The ids that the provider lists; undefined if it has no list. Rejects as `ask` does. */
  async models(): Promise<string[] | undefined> {
    this.#options.onAsk('the list of models');
    try {
      const { status, text } = await this.#send('/models', undefined);
      if (status !== 200) return undefined;
      const { data } = (parseJson(text) ?? {}) as { data?: unknown };
      return Array.isArray(data) ? data.flatMap(readModel).map(({ id }) => id) : undefined;
    } catch (thrown) {
      const { code } = thrown as GatewayError;
      if (code === 'upstream_authentication' || code === 'upstream_unreachable') throw thrown;
      return undefined; // some providers have no such route, or a web page there
    }
  }

  async #attempt(body: ChatBody): Promise<Reply> {
    const { text, streamed } = await this.#send('/chat/completions', JSON.stringify(body));
    const { chunks, marked } = streamed ? eventsIn(text) : { chunks: [parseJson(text)], marked: false };
    const [first] = chunks;
    if (typeof first !== 'object' || first === null)
      throw new GatewayError(
        'upstream_protocol',
        text.trim() === '' ? 'the provider sent an empty answer' : 'the provider sent something other than an answer of Chat',
      );
    const failed = chunks.find((chunk) => isFailure(chunk));
    if (failed) throw failureToError(readFailure(200, failed));
    const answer = foldAnswer(chunks, streamed, marked);
    this.tokens.prompt += answer.usage?.prompt ?? 0;
    this.tokens.completion += answer.usage?.completion ?? 0;
    return { verdict: 'accepted', answer };
  }

  async #send(path: string, body: string | undefined): Promise<{ status: number; text: string; streamed: boolean }> {
    const { base, headers, clock, within } = this.#options;
    this.asked++;
    const late = new AbortController();
    const timer = clock.after(within, () => late.abort());
    try {
      const answer = await this.#http.send(new URL(base + path), headers, body, late.signal);
      const text = await readText(answer);
      if (answer.status >= 300 && answer.status < 400)
        throw new GatewayError('upstream_protocol', `the provider answered with a redirect (HTTP ${answer.status}): the base URL is a different one`);
      if (answer.status >= 400 && body !== undefined)
        throw failureToError(readFailure(answer.status, parseJson(text), { headers: answer.headers, now: clock.now() }));
      if (answer.status === 401) throw new GatewayError('upstream_authentication', 'the provider refused the key (HTTP 401)', { upstreamStatus: 401 });
      return { status: answer.status, text, streamed: String(answer.headers['content-type'] ?? '').includes('event-stream') };
    } catch (thrown) {
      if (late.signal.aborted) throw new GatewayError('upstream_timeout', `the provider did not answer within ${within / 1_000} s`);
      throw thrown;
    } finally {
      timer.stop();
    }
  }
}

/** Some hosts never close a stream behind its last event. */
async function readText(answer: ProviderAnswer): Promise<string> {
  refuseHtml(answer);
  const { headers, reads } = answer;
  if (!String(headers['content-type'] ?? '').includes('event-stream')) return (await readAll(reads, LARGEST)).toString();
  const parts: Buffer[] = [];
  const ended = () => /^data: *\[DONE\]/m.test(Buffer.concat(parts.slice(-2)).toString());
  const read = reads.each((part) => {
    parts.push(part);
    if (ended()) reads.abort(new GatewayError('client_gone', 'the answer is read'));
    return undefined;
  });
  await read.catch((thrown: unknown) => {
    if (!ended()) throw thrown;
  });
  return Buffer.concat(parts).toString();
}

function outcomeOf(thrown: unknown): Reply {
  if (!(thrown instanceof GatewayError)) throw thrown;
  const { code, message, details } = thrown;
  if (HOPELESS.has(code) || code === 'upstream_protocol') throw thrown;
  const http = details.upstreamStatus === undefined || details.upstreamStatus === 200 ? '' : ` (HTTP ${details.upstreamStatus})`;
  if (PASSING.has(code)) return { verdict: 'unclear', did: `${code === 'rate_limited' ? 'throttled us' : 'was overloaded or too slow'}${http}` };
  if (code === 'model_not_found') return { verdict: 'refused', did: `does not know the model${http}`, words: message };
  return { verdict: 'refused', did: `refused it${http}`, words: `${details.param ?? ''} ${message}` };
}

function eventsIn(text: string): { chunks: unknown[]; marked: boolean } {
  const chunks: unknown[] = [];
  let marked = false;
  const feed = eventData((data) => {
    if (data === '[DONE]') marked = true;
    else chunks.push(parseJson(data));
  });
  feed(Buffer.from(text));
  feed(undefined);
  return { chunks: chunks.filter((chunk) => typeof chunk === 'object' && chunk !== null), marked };
}

function isFailure(chunk: unknown): boolean {
  const { error, success, choices } = chunk as { error?: unknown; success?: unknown; choices?: unknown };
  return Boolean(error) || success === false || Array.isArray(chunk) || !Array.isArray(choices);
}
