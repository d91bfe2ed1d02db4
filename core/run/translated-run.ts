import type { CanonicalRequest, EndEvent, StreamEvent } from '../contract/canonical.ts';
import { asGatewayError, type GatewayError } from '../contract/errors.ts';
import type { Answer } from '../dialects/front-door.ts';
import { toolNamesOf } from '../kit/tool-references.ts';
import type { Incoming } from './incoming.ts';
import { type Lane, type LaneContext, refuse } from './lane.ts';

/** Answers via the canonical form: decodes the request, and writes the provider's events in the client's dialect. */
export class TranslatedRun implements Lane {
  readonly #context: LaneContext;
  readonly #endedEarly = Promise.withResolvers<void>();
  #answer: Answer | undefined;

  constructor(context: LaneContext) {
    this.#context = context;
  }

  async answer(incoming: Incoming): Promise<void> {
    const { outcome, exchange } = this.#context;
    const answering = this.#open(incoming);
    answering.catch(() => {}); // after an early end nobody awaits it
    await Promise.race([answering, this.#endedEarly.promise]);
    if (!outcome.end) throw asGatewayError(new Error('the upstream sent no end'));
    await this.#complete(outcome.end);
    if (!exchange.asked.stream && this.#answer) this.#sendWhole(this.#answer, outcome.end);
  }

  begin(): void {
    const { exchange, reply } = this.#context;
    if (exchange.started || !this.#answer || exchange.signal.aborted) return;
    reply.beginStream();
    this.#answer.write({ type: 'start' });
    reply.write(this.#answer.take());
  }

  failStream(error: GatewayError): void {
    const { path, exchange } = this.#context;
    const end: EndEvent = { type: 'end', status: 'failed', error };
    try {
      this.#write(path.pipeline.events.call([end], exchange));
    } catch {
      this.#write([end]); // a plugin that fails again must not keep the client waiting
    }
  }

  rest(): string {
    return this.#answer?.take() ?? '';
  }

  /** Not async: an async frame would keep the request while the answer streams. */
  #open(incoming: Incoming): Promise<void> {
    const { path, exchange } = this.#context;
    return this.#prepare(incoming).then((request) => path.upstream.open(exchange, request, (batch) => this.#emit(batch)));
  }

  async #prepare(incoming: Incoming): Promise<CanonicalRequest> {
    const { path, door, exchange } = this.#context;
    const request = door.decode(incoming.take(), exchange);
    this.#answer = door.answer(request, exchange);
    if (exchange.log.isLevelEnabled('debug')) exchange.log.debug({ tools: toolNamesOf(request.tools) }, 'tools of the client');
    exchange.decoded(request);
    try {
      await path.pipeline.request.promise(request, exchange);
    } catch (thrown) {
      throw exchange.inClientWords(thrown);
    }
    return request;
  }

  #emit(batch: readonly StreamEvent[]): Promise<unknown> | undefined {
    const { path, exchange, outcome } = this.#context;
    if (outcome.end || exchange.signal.aborted) return undefined;
    outcome.markHeaders();
    if (exchange.asked.stream && !exchange.started) this.begin();
    this.#logCalls(batch, 'call of the model');
    const events = path.pipeline.events.call(batch, exchange);
    this.#logCalls(events, 'call for the client');
    const waiting = this.#write(events);
    if (outcome.end && batch.at(-1)?.type !== 'end') this.#endEarly();
    return waiting;
  }

  /** Stops the provider after a plugin has ended the answer. */
  #endEarly(): void {
    this.#endedEarly.resolve();
    this.#context.exchange.stopUpstream();
  }

  /** Logs names only: a log must not contain what a call says. */
  #logCalls(events: readonly StreamEvent[], which: string): void {
    const { log } = this.#context.exchange;
    if (!log.isLevelEnabled('debug')) return;
    for (const event of events) {
      if (event.type === 'item.done' && 'name' in event.item)
        log.debug({ tool: event.item.name, namespace: 'namespace' in event.item ? event.item.namespace : undefined }, which);
    }
  }

  /** Writes events. The end is encoded at once, but sent only when the exchange is complete. */
  #write(events: readonly StreamEvent[]): Promise<unknown> | undefined {
    const { outcome } = this.#context;
    let waiting: Promise<unknown> | undefined;
    for (const event of events) {
      if (outcome.end) return waiting;
      if (event.type === 'item.delta') outcome.markDelta();
      if (event.type !== 'end') {
        this.#answer?.write(event);
        continue;
      }
      waiting = this.#send();
      this.#answer?.write(outcome.settle(event));
    }
    return outcome.end ? waiting : this.#send();
  }

  #send(): Promise<unknown> | undefined {
    const { exchange, reply } = this.#context;
    return exchange.asked.stream ? reply.write(this.#answer?.take() ?? '') : undefined;
  }

  async #complete({ status }: EndEvent): Promise<void> {
    const { path, exchange } = this.#context;
    const { complete } = path.pipeline;
    if (status !== 'completed' || !this.#answer || !complete.isUsed()) return;
    await complete.promise(this.#answer, exchange);
  }

  #sendWhole(answer: Answer, end: EndEvent): void {
    if (end.error) return refuse(this.#context, end.error);
    this.#context.reply.send(200, end.usage?.estimated ? { 'x-tapline-usage': 'estimated' } : {}, answer.body);
  }
}
