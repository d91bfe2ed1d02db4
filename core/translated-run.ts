import type { CanonicalRequest, EndEvent, StreamEvent } from './canonical.ts';
import type { Answer } from './dialects/front-door.ts';
import { asGatewayError, type GatewayError, messageOf } from './errors.ts';
import type { Incoming } from './incoming.ts';
import { ExchangeRun } from './run-exchange.ts';
import { toolNamesOf } from './tool-references.ts';

/** Answers through the canonical form: decodes the request, and writes the events of the provider in the client's dialect. */
export class TranslatedRun extends ExchangeRun {
  #answer: Answer | undefined;
  readonly #endedEarly = Promise.withResolvers<void>();

  protected async answer(incoming: Incoming): Promise<void> {
    const answering = this.#open(incoming);
    answering.catch(() => {}); // after an early end nobody is interested
    await Promise.race([answering, this.#endedEarly.promise]);
    if (!this.end) throw asGatewayError(new Error('the upstream told no end'));
    await this.#complete(this.end);
    if (!this.exchange.asked.stream && this.#answer) this.#sendWhole(this.#answer, this.end);
  }

  protected begin(): void {
    if (this.exchange.started || !this.#answer || this.exchange.signal.aborted) return;
    this.reply.beginStream();
    this.#answer.write({ type: 'start' });
    this.reply.write(this.#answer.take());
  }

  protected failStream(error: GatewayError): void {
    const end: EndEvent = { type: 'end', status: 'failed', error };
    try {
      this.#write(this.path.pipeline.events.call([end], this.exchange));
    } catch {
      this.#write([end]); // the plugin that failed must not keep the client waiting
    }
  }

  protected rest(): string {
    return this.#answer?.take() ?? '';
  }

  /** Not async: no frame may keep the request while the answer streams. */
  #open(incoming: Incoming): Promise<void> {
    const { upstream } = this.path;
    return this.#prepare(incoming).then((request) => upstream.open(this.exchange, request, (batch) => this.#emit(batch)));
  }

  async #prepare(incoming: Incoming): Promise<CanonicalRequest> {
    const { pipeline } = this.path;
    await pipeline.route.promise(this.exchange);
    const request = this.door.decode(incoming.take(), this.exchange);
    this.#answer = this.door.answer(request, this.exchange);
    if (this.exchange.log.isLevelEnabled('debug')) this.exchange.log.debug({ tools: toolNamesOf(request.tools) }, 'tools of the client');
    await pipeline.request.promise(request, this.exchange);
    return request;
  }

  #emit(batch: readonly StreamEvent[]): Promise<unknown> | undefined {
    if (this.end || this.exchange.signal.aborted) return undefined;
    this.tellHeaders();
    if (this.exchange.asked.stream && !this.exchange.started) this.begin();
    this.#tellCalls(batch, 'call of the model');
    const events = this.path.pipeline.events.call(batch, this.exchange);
    this.#tellCalls(events, 'call for the client');
    const waiting = this.#write(events);
    if (this.end && batch.at(-1)?.type !== 'end') this.#endEarly();
    return waiting;
  }

  /** A plugin ended the answer: the provider may stop. */
  #endEarly(): void {
    this.#endedEarly.resolve();
    this.exchange.stopUpstream();
  }

  /** Names only: what a call says is nobody's business. */
  #tellCalls(events: readonly StreamEvent[], which: string): void {
    if (!this.exchange.log.isLevelEnabled('debug')) return;
    for (const event of events) {
      if (event.type === 'item.done' && 'name' in event.item)
        this.exchange.log.debug({ tool: event.item.name, namespace: 'namespace' in event.item ? event.item.namespace : undefined }, which);
    }
  }

  /** What tells the end is written, but sent only when the exchange is complete. */
  #write(events: readonly StreamEvent[]): Promise<unknown> | undefined {
    let waiting: Promise<unknown> | undefined;
    for (const event of events) {
      if (this.end) return waiting;
      if (event.type === 'item.delta') this.tellDelta();
      if (event.type !== 'end') {
        this.#answer?.write(event);
        continue;
      }
      waiting = this.#send();
      this.#answer?.write(this.#settle(event));
    }
    return this.end ? waiting : this.#send();
  }

  #send(): Promise<unknown> | undefined {
    return this.exchange.asked.stream ? this.reply.write(this.#answer?.take() ?? '') : undefined;
  }

  /** The one end of an exchange. */
  #settle(event: EndEvent): EndEvent {
    this.end = event.error ? { ...event, error: this.tell(event.error) } : event;
    this.error = this.end.error;
    return this.end;
  }

  async #complete({ status }: EndEvent): Promise<void> {
    const { complete } = this.path.pipeline;
    if (status !== 'completed' || !this.#answer || !complete.isUsed()) return;
    try {
      await complete.promise(this.#answer, this.exchange);
    } catch (thrown) {
      this.exchange.log.error({ err: thrown }, messageOf(thrown));
    }
  }

  #sendWhole(answer: Answer, end: EndEvent): void {
    if (end.error) return this.refuse(end.error);
    this.reply.send(200, end.usage?.estimated ? { 'x-tapline-usage': 'estimated' } : {}, answer.body);
  }
}
