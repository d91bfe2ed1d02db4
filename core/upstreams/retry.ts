import type { Clock } from '../contract/clock.ts';
import { GatewayError } from '../contract/errors.ts';
import type { Retries } from '../contract/preset.ts';

export const RETRIES: Required<Retries> = { times: 2, delay: 250 };
/** Seconds. The client is the better judge of a longer wait. */
const LONGEST_WAIT = 2;
const TRANSIENT = new Set([408, 500, 502, 503, 529]);

interface Budget {
  clock: Clock;
  retries?: Retries | undefined;
  /** Milliseconds from now within which the provider must accept; undefined if nobody waits for a status. */
  within?: number | undefined;
  signal: AbortSignal;
}

/**
 * Retries failures that may pass: network errors, 408, 500, 502, 503, 529, and throttling that ends within two
 * seconds; never an exhausted quota, never another refusal. Jitter at most halves the delay.
 */
export async function withRetries<Value>(attempt: () => Promise<Value>, { clock, retries, within, signal }: Budget): Promise<Value> {
  const { times, delay } = { ...RETRIES, ...retries };
  const from = clock.elapsed();
  for (let tried = 0; ; tried++) {
    try {
      return await attempt();
    } catch (thrown) {
      if (tried >= times || !isTransient(thrown)) throw thrown;
      const wait = Math.max(delay * 2 ** tried * (0.5 + clock.random() / 2), 1000 * (thrown.details.retryAfter ?? 0));
      if (within !== undefined && clock.elapsed() - from + wait > within) throw thrown;
      await pause(wait, clock, signal);
    }
  }
}

function isTransient(thrown: unknown): thrown is GatewayError {
  if (!(thrown instanceof GatewayError)) return false;
  const { code, details } = thrown;
  if (code === 'rate_limited') return (details.retryAfter ?? 1) <= LONGEST_WAIT;
  if (code === 'upstream_overloaded') return (details.retryAfter ?? 0) <= LONGEST_WAIT;
  if (code === 'upstream_unreachable') return true;
  return (code === 'upstream_failed' || code === 'upstream_timeout') && TRANSIENT.has(details.upstreamStatus ?? 0);
}

function pause(milliseconds: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = () => {
      timer.stop();
      reject(new GatewayError('client_gone', 'the client went away'));
    };
    const timer = clock.after(milliseconds, () => {
      signal.removeEventListener('abort', gone);
      resolve();
    });
    signal.addEventListener('abort', gone, { once: true });
  });
}
