import type { Readable } from 'node:stream';
import { Agent, type Dispatcher } from 'undici';
import type { Clock } from '../contract/clock.ts';
import { GatewayError } from '../contract/errors.ts';
import type { Timeouts } from '../contract/preset.ts';
import { createConnector, isStale } from './connector.ts';
import { type ProviderAnswer, Reads } from './reads.ts';

export type Method = 'GET' | 'POST' | 'DELETE';

/** A body that goes through as it comes. */
export interface PassedBody {
  readonly parts: Readable | string;
  readonly headers: Record<string, string>;
}

type Times = Required<Omit<Timeouts, 'firstToken'>> & Pick<Timeouts, 'firstToken'>;

export const TIMEOUTS: Times = { connect: 10_000, headers: 300_000, idle: 300_000 };

/** Options for undici: keep-alive, one request per connection at a time, and limits not below our own. */
export function agentOptions({ connect, headers, idle, firstToken = idle }: Times): Agent.Options {
  const bodyTimeout = idle === 0 || firstToken === 0 ? 0 : Math.max(idle, firstToken);
  return { connections: 4096, pipelining: 1, connect: { timeout: connect }, headersTimeout: headers, bodyTimeout };
}

/** A provider's pooled connections. */
export class HttpClient {
  readonly timeouts: Times;
  readonly #agent: Agent;
  /** Opens a connection for each request. */
  readonly #fresh: Agent;
  readonly #clock: Clock;

  constructor(clock: Clock, timeouts: Timeouts = {}) {
    this.timeouts = { ...TIMEOUTS, ...timeouts };
    const options = { ...agentOptions(this.timeouts), connect: createConnector(this.timeouts.connect) };
    this.#agent = new Agent(options);
    this.#fresh = new Agent({ ...options, pipelining: 0 });
    this.#clock = clock;
  }

  /**
   * Sends a body, or a GET without one, and resolves with the head of the answer. Redirects are not followed. Aborting
   * the signal ends the request and its stream. Rejects with `upstream_unreachable`, `upstream_timeout` or
   * `client_gone`. If a kept connection turns out to be closed, sends it once more, at once, on a new one.
   */
  async send(url: URL, headers: Record<string, string>, body: string | PassedBody | undefined, signal: AbortSignal, method?: Method): Promise<ProviderAnswer> {
    const options = () => requestOptions(url, headers, body, method);
    try {
      return await this.#dispatch(this.#agent, options(), signal);
    } catch (thrown) {
      const again = typeof body !== 'object' || typeof body.parts === 'string'; // a stream can be read only once
      if (!again || !(thrown instanceof GatewayError) || !isStale(thrown.cause)) throw thrown;
      return await this.#dispatch(this.#fresh, options(), signal);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#agent.destroy(), this.#fresh.destroy()]);
  }

  /** Not async: an async frame would keep the options until the head comes. */
  #dispatch(agent: Agent, options: Dispatcher.DispatchOptions, signal: AbortSignal): Promise<ProviderAnswer> {
    const reads = new Reads(signal);
    const { headers: limit } = this.timeouts;
    const tooLong = () => reads.abort(new GatewayError('upstream_timeout', `the request timed out: the provider did not answer within ${limit / 1000} s`));
    const timer = limit > 0 ? this.#clock.after(limit, tooLong) : undefined;
    agent.dispatch(options, reads);
    return reads.head.finally(() => timer?.stop());
  }
}

function requestOptions(url: URL, headers: Record<string, string>, body: string | PassedBody | undefined, method?: Method): Dispatcher.DispatchOptions {
  const target = { origin: url.origin, path: url.pathname + url.search };
  if (body === undefined) return { ...target, method: method ?? 'GET', headers };
  if (typeof body !== 'string') return { ...target, method: 'POST', headers: { ...headers, ...body.headers }, body: body.parts };
  const bytes = Buffer.from(body);
  return {
    ...target,
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', 'content-length': String(bytes.length) },
    body: once(bytes) as never,
  };
}

/**
 * Wraps a body so that it is released once read. undici keeps a Buffer until the answer ends, minutes later, and a
 * generator would keep it in its frame.
 */
function once(bytes: Buffer): Iterable<Buffer> {
  let held: Buffer | undefined = bytes;
  const next = (): IteratorResult<Buffer> => {
    const value = held;
    held = undefined;
    return value ? { value, done: false } : { value: undefined, done: true };
  };
  return { [Symbol.iterator]: () => ({ next }) };
}
