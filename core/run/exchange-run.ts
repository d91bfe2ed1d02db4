import type { EndEvent } from '../contract/canonical.ts';
import { asGatewayError, type GatewayError } from '../contract/errors.ts';
import type { ExchangeSummary } from '../contract/plugin.ts';
import type { FrontDoor } from '../dialects/front-door.ts';
import type { Gateway } from '../gateway/create-gateway.ts';
import type { Path, Provider } from '../gateway/provider.ts';
import type { Incoming } from './incoming.ts';
import { NativeRun } from './native-run.ts';
import type { Reply } from './reply.ts';
import type { RunningExchange } from './running-exchange.ts';
import { TranslatedRun } from './translated-run.ts';

/** How an exchange is answered once it is known who answers it: one for each lane. */
export interface LaneRun {
  /** Resolves when the provider has said all, or nobody waits for more. */
  answer(incoming: Incoming): Promise<void>;
  /** Commits to 200 before the provider has answered. */
  begin(): void;
  /** Tells a failure in the stream. */
  failStream(error: GatewayError): void;
  /** What is still to be written when all is done. */
  rest(): string;
}

/** Answers one client request. Never throws: what goes wrong is told to the client in its dialect. */
export class ExchangeRun {
  readonly exchange: RunningExchange;
  readonly door: FrontDoor;
  readonly reply: Reply;
  /** To the default preset, until the request's model says more. */
  path: Path;
  end: EndEvent | undefined;
  /** As the client is told it. */
  error: GatewayError | undefined;
  readonly #gateway: Gateway;
  readonly #from: number;
  #lane: LaneRun | undefined;
  #headersMs: number | undefined;
  #firstDeltaMs: number | undefined;

  constructor(exchange: RunningExchange, gateway: Gateway, door: FrontDoor, reply: Reply) {
    this.exchange = exchange;
    this.door = door;
    this.reply = reply;
    this.path = gateway.providers[0].paths[door.dialect];
    this.#gateway = gateway;
    this.#from = gateway.clock.elapsed();
  }

  /** `read` delivers the body, or throws what is wrong with it. */
  async run(read: () => Promise<Incoming>, create = createLane): Promise<void> {
    const { clock, commitAfter } = this.#gateway;
    let commit = { stop() {} };
    try {
      const incoming = await read();
      if (this.exchange.asked.stream) commit = clock.after(commitAfter, () => this.#lane?.begin());
      await this.#route();
      this.#lane = create(this);
      await this.#lane.answer(incoming);
    } catch (thrown) {
      if (!this.exchange.signal.aborted) this.#fail(asGatewayError(thrown));
    } finally {
      commit.stop();
      if (this.exchange.started && this.exchange.asked.stream) this.reply.endStream(this.#lane?.rest() ?? '');
      this.reply.stop();
      this.#summarise();
    }
  }

  /** Finds out who answers: by the model that is asked for, then by what the plugins say. */
  async #route(): Promise<void> {
    const chosen = this.#gateway.choose(this.exchange.model);
    this.exchange.model = chosen.model;
    this.#turnTo(chosen.provider);
    await this.path.pipeline.route.promise(this.exchange);
    const { preset } = this.exchange;
    const other = preset === chosen.provider.preset ? undefined : this.#gateway.providers.find((provider) => provider.preset.name === preset.name);
    if (other) this.#turnTo(other);
    this.#gateway.tellUnknown(this.exchange);
  }

  #turnTo(provider: Provider): void {
    this.path = provider.paths[this.door.dialect];
    this.exchange.turnTo(provider, this.path, this.door.path);
  }

  tellHeaders(): void {
    this.#headersMs ??= this.#sinceStart();
  }

  tellDelta(): void {
    this.#firstDeltaMs ??= this.#sinceStart();
  }

  /** The error as the client is told it: every failure passes the `error` handlers once, here. */
  tell(error: GatewayError): GatewayError {
    if (error.code === 'plugin_failed' || error.code === 'internal') this.exchange.log.error({ err: error }, error.message);
    let told = error;
    try {
      told = this.path.pipeline.error.call(error, this.exchange);
    } catch (thrown) {
      this.exchange.log.error({ err: thrown }, 'an error handler failed');
    }
    const { param } = told.details;
    const { exchange } = this;
    return told.with({ message: exchange.redact(told.message), param: param === undefined ? undefined : exchange.redact(param) });
  }

  refuse(error: GatewayError): void {
    this.error = error;
    const { status, headers, body } = this.door.error(error, this.exchange);
    this.reply.send(status, headers, body);
  }

  #fail(error: GatewayError): void {
    if (this.end) {
      this.exchange.log.error({ err: error }, 'failed after the end');
      if (!this.exchange.started) this.refuse(this.error ?? this.tell(error));
    } else if (this.exchange.started && this.exchange.asked.stream) this.#lane?.failStream(error);
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

function createLane(run: ExchangeRun): LaneRun {
  return run.path.lane === 'native' ? new NativeRun(run) : new TranslatedRun(run);
}
