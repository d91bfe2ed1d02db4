import type { EndEvent } from './canonical.ts';
import type { FrontDoor } from './dialects/front-door.ts';
import { asGatewayError, type GatewayError } from './errors.ts';
import type { Gateway, Path } from './gateway.ts';
import type { Incoming } from './incoming.ts';
import type { ExchangeSummary } from './plugin.ts';
import type { RunningExchange } from './running-exchange.ts';
import type { Reply } from './server/reply.ts';

/** Answers one client request, in one lane. Never throws: what goes wrong is told to the client in its dialect. */
export abstract class ExchangeRun {
  protected readonly exchange: RunningExchange;
  protected readonly path: Path;
  protected readonly door: FrontDoor;
  protected readonly reply: Reply;
  protected end: EndEvent | undefined;
  /** As the client is told it. */
  protected error: GatewayError | undefined;
  readonly #gateway: Gateway;
  readonly #from: number;
  #headersMs: number | undefined;
  #firstDeltaMs: number | undefined;

  constructor(exchange: RunningExchange, gateway: Gateway, door: FrontDoor, reply: Reply) {
    this.exchange = exchange;
    this.path = gateway.paths[door.dialect];
    this.door = door;
    this.reply = reply;
    this.#gateway = gateway;
    this.#from = gateway.clock.elapsed();
  }

  /** Resolves when the provider has said all, or nobody waits for more. */
  protected abstract answer(incoming: Incoming): Promise<void>;
  /** Commits to 200 before the provider has answered. */
  protected abstract begin(): void;
  /** Tells a failure in the stream. */
  protected abstract failStream(error: GatewayError): void;
  /** What is still to be written when all is done. */
  protected abstract rest(): string;

  /** `read` delivers the body, or throws what is wrong with it. */
  async run(read: () => Promise<Incoming>): Promise<void> {
    const { clock, commitAfter } = this.#gateway;
    let commit = { stop() {} };
    try {
      const incoming = await read();
      if (this.exchange.asked.stream) commit = clock.after(commitAfter, () => this.begin());
      await this.answer(incoming);
    } catch (thrown) {
      if (!this.exchange.signal.aborted) this.#fail(asGatewayError(thrown));
    } finally {
      commit.stop();
      if (this.exchange.started && this.exchange.asked.stream) this.reply.endStream(this.rest());
      this.reply.stop();
      this.#summarise();
    }
  }

  protected tellHeaders(): void {
    this.#headersMs ??= this.#sinceStart();
  }

  protected tellDelta(): void {
    this.#firstDeltaMs ??= this.#sinceStart();
  }

  /** The error as the client is told it: every failure passes the `error` handlers once, here. */
  protected tell(error: GatewayError): GatewayError {
    const { redact } = this.#gateway;
    if (error.code === 'plugin_failed' || error.code === 'internal') this.exchange.log.error({ err: error }, error.message);
    let told = error;
    try {
      told = this.path.pipeline.error.call(error, this.exchange);
    } catch (thrown) {
      this.exchange.log.error({ err: thrown }, 'an error handler failed');
    }
    const { param } = told.details;
    return told.with({ message: redact(told.message), param: param === undefined ? undefined : redact(param) });
  }

  protected refuse(error: GatewayError): void {
    this.error = error;
    const { status, headers, body } = this.door.error(error, this.exchange);
    this.reply.send(status, headers, body);
  }

  #fail(error: GatewayError): void {
    if (this.end) {
      this.exchange.log.error({ err: error }, 'failed after the end');
      if (!this.exchange.started && this.error) this.refuse(this.error);
    } else if (this.exchange.started && this.exchange.asked.stream) this.failStream(error);
    else this.refuse(this.tell(error));
  }

  #summarise(): void {
    const { asked, model, preset, lane, warnings, signal, log } = this.exchange;
    const { end, error } = this;
    const status = end?.status ?? (signal.aborted ? 'aborted' : 'failed');
    const times = { headersMs: this.#headersMs, firstDeltaMs: this.#firstDeltaMs, endMs: this.#sinceStart() };
    const summary: ExchangeSummary = { status, httpStatus: this.reply.status, ...times, usage: end?.usage, error, warnings };
    try {
      this.path.pipeline.end.call(summary, this.exchange);
    } catch (thrown) {
      log.error({ err: thrown }, 'an end handler failed');
    }
    const told = error ? { error: { code: error.code, message: error.message, plugin: error.details.plugin } } : {};
    const { usage, httpStatus } = summary;
    log[error ? 'warn' : 'info']({ asked: asked.model, model, preset: preset.name, lane, status, httpStatus, ...times, usage, ...told, warnings }, 'exchange');
  }

  #sinceStart(): number {
    return Math.round((this.#gateway.clock.elapsed() - this.#from) * 10) / 10;
  }
}
