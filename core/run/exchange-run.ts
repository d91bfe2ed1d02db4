import { asGatewayError, type GatewayError } from '../contract/errors.ts';
import type { FrontDoor } from '../dialects/front-door.ts';
import type { Gateway } from '../gateway/create-gateway.ts';
import type { Path, Provider } from '../gateway/provider.ts';
import type { Incoming } from './incoming.ts';
import { type CreateLane, type Lane, type LaneContext, refuse } from './lane.ts';
import { NativeRun } from './native-run.ts';
import { Outcome } from './outcome.ts';
import type { Reply } from './reply.ts';
import type { RunningExchange } from './running-exchange.ts';
import { TranslatedRun } from './translated-run.ts';

/** Answers one client request. Never throws: a failure reaches the client in its dialect. */
export class ExchangeRun {
  readonly #exchange: RunningExchange;
  readonly #door: FrontDoor;
  readonly #reply: Reply;
  readonly #gateway: Gateway;
  readonly #outcome: Outcome;
  /** The default preset's, until the request's model is known. */
  #path: Path;
  #lane: Lane | undefined;

  constructor(exchange: RunningExchange, gateway: Gateway, door: FrontDoor, reply: Reply) {
    this.#exchange = exchange;
    this.#door = door;
    this.#reply = reply;
    this.#gateway = gateway;
    this.#path = gateway.providers[0].paths[door.dialect];
    this.#outcome = new Outcome(exchange, this.#path.pipeline, gateway.clock);
  }

  /** `read` resolves with the body, or rejects with the error to answer. */
  async run(read: () => Promise<Incoming>, create: CreateLane = createLane): Promise<void> {
    const { clock, commitAfter } = this.#gateway;
    let commit = { stop() {} };
    try {
      const incoming = await read();
      if (this.#exchange.asked.stream) commit = clock.after(commitAfter, () => this.#lane?.begin());
      await this.#route();
      this.#lane = create(this.#context);
      await this.#lane.answer(incoming);
    } catch (thrown) {
      if (!this.#exchange.signal.aborted) this.#fail(asGatewayError(thrown));
    } finally {
      commit.stop();
      if (this.#exchange.started && this.#exchange.asked.stream) this.#reply.endStream(this.#lane?.rest() ?? '');
      this.#reply.stop();
      this.#outcome.summarise(this.#reply.status);
    }
  }

  get #context(): LaneContext {
    return { exchange: this.#exchange, door: this.#door, reply: this.#reply, path: this.#path, outcome: this.#outcome };
  }

  /** Chooses the provider: by the requested model, then by the `route` handlers. */
  async #route(): Promise<void> {
    const { provider, model } = this.#gateway.choose(this.#exchange.model);
    this.#exchange.model = model;
    this.#turnTo(provider);
    const chosen = await this.#exchange.routing(this.#path.pipeline.route);
    const other = chosen === undefined ? undefined : this.#gateway.providers.find(({ preset }) => preset.name === chosen);
    if (other) this.#turnTo(other);
    this.#gateway.logUnknown(this.#exchange);
  }

  #turnTo(provider: Provider): void {
    this.#path = provider.paths[this.#door.dialect];
    this.#outcome.follow(this.#path.pipeline);
    this.#exchange.turnTo(provider, this.#path, this.#door.path);
  }

  #fail(error: GatewayError): void {
    const { started, asked, log } = this.#exchange;
    if (this.#outcome.end) {
      log.error({ err: error }, 'failed after the end');
      if (!started) refuse(this.#context, this.#outcome.error ?? this.#outcome.fail(error));
    } else if (started && asked.stream) this.#lane?.failStream(error);
    else refuse(this.#context, this.#outcome.fail(error));
  }
}

const createLane: CreateLane = (context) => (context.path.lane === 'native' ? new NativeRun(context) : new TranslatedRun(context));
