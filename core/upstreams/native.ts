import type { Timer } from '../contract/clock.ts';
import { GatewayError } from '../contract/errors.ts';
import type { Exchange } from '../contract/exchange.ts';
import { parseJson } from '../kit/parse-json.ts';
import { asCut, type Endpoint, GRACE, refuse } from './endpoint.ts';
import { NativeEvents } from './native-events.ts';
import { Opening } from './opening.ts';
import type { ProviderAnswer } from './reads.ts';
import { isSilence } from './silence.ts';
import { eventData } from './sse.ts';
import type { NativeAnswer, OnPart } from './upstream.ts';
import { WholeEvents } from './whole-events.ts';

/** The provider's headers that a client gets. */
const PASSED = /^(x-ratelimit-|anthropic-ratelimit-|request-id$|openai-processing-ms$)/;

/**
 * Passes a provider's answer on to a client of the same dialect. A stream stays bytes unless a plugin taps its chunks,
 * or something in it has to be mended.
 */
export async function forwardAnswer(answer: ProviderAnswer, endpoint: Endpoint, exchange: Exchange, characters: number): Promise<NativeAnswer> {
  const events = new NativeEvents(endpoint, exchange, characters);
  const { status, reads } = answer;
  const headers = Object.fromEntries(
    Object.entries(answer.headers).filter((header): header is [string, string] => PASSED.test(header[0]) && typeof header[1] === 'string'),
  );
  const isJson = String(answer.headers['content-type'] ?? '').includes('json');
  if (isJson) {
    const body = events.whole(await endpoint.readWhole(reads));
    return { status, headers, body, each: () => Promise.resolve(), id: events.id, end: events.end };
  }
  if (!exchange.asked.stream) return refuse(answer, 'the provider streamed its answer, although no stream was requested');
  return {
    status,
    headers,
    each: (onRead) => passStream(answer, events, endpoint, exchange, onRead),
    get id() {
      return events.id;
    },
    get end() {
      return events.end;
    },
  };
}

/** Passes a stream on, whole events at a time, until its end. Only progress restarts the idle limit. */
async function passStream({ reads }: ProviderAnswer, events: NativeEvents, endpoint: Endpoint, exchange: Exchange, onRead: OnPart): Promise<void> {
  const whole = new WholeEvents();
  const opening = new Opening(exchange);
  const idle = endpoint.idleTimer(reads);
  const closed = Promise.withResolvers<void>();
  let grace: Timer | undefined;
  const finish = () => reads.abort(new GatewayError('stream_cut', 'the provider did not close its stream'));
  const pass = (ready: Buffer) => {
    const part = events.pass(ready);
    const waiting = part.length > 0 ? onRead(part) : undefined;
    if (events.failure) throw events.failure;
    return waiting;
  };
  const reading = reads.each((bytes) => {
    if (events.ended) return undefined;
    if (opening.unsure) opening.read(bytes);
    const ready = whole.take(bytes);
    if (ready.length === 0) return undefined;
    if (!isSilence(ready)) idle.refresh();
    const waiting = pass(ready);
    if (events.finished || events.ended) grace ??= endpoint.options.clock.after(GRACE, finish);
    if (!events.ended) return waiting;
    closed.resolve(); // do not wait for the provider to close
    return undefined;
  });
  reading.catch(() => {}).finally(() => grace?.stop());
  try {
    await Promise.race([reading, closed.promise]);
  } catch (thrown) {
    const cut = asCut(thrown);
    if (!events.finished || !(cut instanceof GatewayError) || cut.code !== 'stream_cut') throw cut;
  } finally {
    idle.stop();
  }
  if (events.ended) return;
  opening.check();
  const { rest } = whole;
  if (rest.length > 0 && isWhole(rest)) pass(Buffer.concat([rest, Buffer.from('\n\n')]));
  if (events.ended) return;
  const missing = events.close();
  if (missing !== '') onRead(missing);
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
