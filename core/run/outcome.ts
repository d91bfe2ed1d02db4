import type { EndEvent } from '../contract/canonical.ts';
import type { Clock } from '../contract/clock.ts';
import type { GatewayError } from '../contract/errors.ts';
import type { ExchangeSummary } from '../contract/plugin.ts';
import type { Pipeline } from '../pipeline/create-pipeline.ts';
import type { RunningExchange } from './running-exchange.ts';

/** Characters of a provider's words in the log. */
const MOST_SAID = 2_048;

/** The outcome of one exchange: its one end, the error for the client, and the times. */
export class Outcome {
  readonly #exchange: RunningExchange;
  readonly #clock: Clock;
  readonly #startedAt: number;
  #pipeline: Pipeline;
  #end: EndEvent | undefined;
  #error: GatewayError | undefined;
  #headersMs: number | undefined;
  #firstDeltaMs: number | undefined;

  constructor(exchange: RunningExchange, pipeline: Pipeline, clock: Clock) {
    this.#exchange = exchange;
    this.#pipeline = pipeline;
    this.#clock = clock;
    this.#startedAt = clock.elapsed();
  }

  get end(): EndEvent | undefined {
    return this.#end;
  }

  /** The error as the client gets it. */
  get error(): GatewayError | undefined {
    return this.#error;
  }

  /** Sets the plugins whose handlers see the error and the end, once the preset is chosen. */
  follow(pipeline: Pipeline): void {
    this.#pipeline = pipeline;
  }

  markHeaders(): void {
    this.#headersMs ??= this.#elapsed();
  }

  markDelta(): void {
    this.#firstDeltaMs ??= this.#elapsed();
  }

  /** Records the one end of the exchange, and returns it as the client gets it. */
  settle(end: EndEvent): EndEvent {
    this.#end = end.error ? { ...end, error: this.fail(end.error) } : end;
    return this.#end;
  }

  /** Records an end that the provider itself has sent to the client. */
  pass(end: EndEvent): void {
    this.#end = end;
    this.#error = end.error;
  }

  /** Returns the error as the client gets it. Every failure passes the `error` handlers once, here. */
  fail(error: GatewayError): GatewayError {
    if (error.code === 'plugin_failed' || error.code === 'internal') this.#exchange.log.error({ err: error }, error.message);
    this.#logWords(error);
    const shaped = this.#shape(error);
    const { param } = shaped.details;
    const { redact } = this.#exchange;
    this.#error = shaped.with({ message: redact(shaped.message), param: param === undefined ? undefined : redact(param) });
    return this.#error;
  }

  /** Logs all that the provider said: the client gets a part of it at most. */
  #logWords({ details: { said, upstreamStatus } }: GatewayError): void {
    const { log, redact } = this.#exchange;
    if (said) log.warn({ upstreamStatus, said: redact(said).slice(0, MOST_SAID) }, 'the provider said');
  }

  /** Reports the end to the plugins and the log. */
  summarise(httpStatus: number): void {
    const { asked, model, preset, lane, warnings, moreWarnings, signal, log } = this.#exchange;
    const error = this.#error;
    const status = this.#end?.status ?? (signal.aborted ? 'aborted' : 'failed');
    const times = { headersMs: this.#headersMs, firstDeltaMs: this.#firstDeltaMs, endMs: this.#elapsed() };
    const usage = this.#end?.usage;
    const warned = { warnings, ...(moreWarnings > 0 && { moreWarnings }) };
    const summary: ExchangeSummary = { status, httpStatus, ...times, usage, error, ...warned };
    this.#pipeline.end.call(summary, this.#exchange);
    const failure = error && { error: { code: error.code, message: error.message, plugin: error.details.plugin } };
    log[error ? 'warn' : 'info'](
      { asked: asked.model, model, preset: preset.name, lane, status, httpStatus, ...times, usage, ...failure, ...warned },
      'exchange',
    );
  }

  #shape(error: GatewayError): GatewayError {
    try {
      return this.#pipeline.error.call(error, this.#exchange);
    } catch (thrown) {
      this.#exchange.log.error({ err: thrown }, 'an error handler failed');
      return error;
    }
  }

  #elapsed(): number {
    return Math.round((this.#clock.elapsed() - this.#startedAt) * 10) / 10;
  }
}
