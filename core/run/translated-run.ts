import type { CanonicalRequest, EndEvent, StreamEvent } from '../contract/canonical.ts';
import { asGatewayError, type GatewayError } from '../contract/errors.ts';
import type { Answer } from '../dialects/front-door.ts';
import { toolNamesOf } from '../kit/tool-references.ts';
import type { ExchangeRun, LaneRun } from './exchange-run.ts';
import type { Incoming } from './incoming.ts';

/** Answers through the canonical form: decodes the request, and writes the events of the provider in the client's dialect. */
export class TranslatedRun implements LaneRun {
  readonly #run: ExchangeRun;
  readonly #endedEarly = Promise.withResolvers<void>();
  #answer: Answer | undefined;

  constructor(run: ExchangeRun) {
    this.#run = run;
  }

  async answer(incoming: Incoming): Promise<void> {
    const answering = this.#open(incoming);
    answering.catch(() => {}); // after an early end nobody is interested
    await Promise.race([answering, this.#endedEarly.promise]);
    if (!this.#run.end) throw asGatewayError(new Error('the upstream told no end'));
    await this.#complete(this.#run.end);
    if (!this.#run.exchange.asked.stream && this.#answer) this.#sendWhole(this.#answer, this.#run.end);
  }

  begin(): void {
    if (this.#run.exchange.started || !this.#answer || this.#run.exchange.signal.aborted) return;
    this.#run.reply.beginStream();
    this.#answer.write({ type: 'start' });
    this.#run.reply.write(this.#answer.take());
  }

  failStream(error: GatewayError): void {
    const end: EndEvent = { type: 'end', status: 'failed', error };
    try {
      this.#write(this.#run.path.pipeline.events.call([end], this.#run.exchange));
    } catch {
      this.#write([end]); // the plugin that failed must not keep the client waiting
    }
  }

  rest(): string {
    return this.#answer?.take() ?? '';
  }

  /** Not async: no frame may keep the request while the answer streams. */
  #open(incoming: Incoming): Promise<void> {
    const { upstream } = this.#run.path;
    return this.#prepare(incoming).then((request) => upstream.open(this.#run.exchange, request, (batch) => this.#emit(batch)));
  }

  async #prepare(incoming: Incoming): Promise<CanonicalRequest> {
    const { pipeline } = this.#run.path;
    const request = this.#run.door.decode(incoming.take(), this.#run.exchange);
    this.#answer = this.#run.door.answer(request, this.#run.exchange);
    if (this.#run.exchange.log.isLevelEnabled('debug')) this.#run.exchange.log.debug({ tools: toolNamesOf(request.tools) }, 'tools of the client');
    this.#run.exchange.decoded(request);
    try {
      await pipeline.request.promise(request, this.#run.exchange);
    } catch (thrown) {
      throw this.#run.exchange.inClientWords(thrown);
    }
    return request;
  }

  #emit(batch: readonly StreamEvent[]): Promise<unknown> | undefined {
    if (this.#run.end || this.#run.exchange.signal.aborted) return undefined;
    this.#run.tellHeaders();
    if (this.#run.exchange.asked.stream && !this.#run.exchange.started) this.begin();
    this.#tellCalls(batch, 'call of the model');
    const events = this.#run.path.pipeline.events.call(batch, this.#run.exchange);
    this.#tellCalls(events, 'call for the client');
    const waiting = this.#write(events);
    if (this.#run.end && batch.at(-1)?.type !== 'end') this.#endEarly();
    return waiting;
  }

  /** A plugin ended the answer: the provider may stop. */
  #endEarly(): void {
    this.#endedEarly.resolve();
    this.#run.exchange.stopUpstream();
  }

  /** Names only: what a call says is nobody's business. */
  #tellCalls(events: readonly StreamEvent[], which: string): void {
    if (!this.#run.exchange.log.isLevelEnabled('debug')) return;
    for (const event of events) {
      if (event.type === 'item.done' && 'name' in event.item)
        this.#run.exchange.log.debug({ tool: event.item.name, namespace: 'namespace' in event.item ? event.item.namespace : undefined }, which);
    }
  }

  /** What tells the end is written, but sent only when the exchange is complete. */
  #write(events: readonly StreamEvent[]): Promise<unknown> | undefined {
    let waiting: Promise<unknown> | undefined;
    for (const event of events) {
      if (this.#run.end) return waiting;
      if (event.type === 'item.delta') this.#run.tellDelta();
      if (event.type !== 'end') {
        this.#answer?.write(event);
        continue;
      }
      waiting = this.#send();
      this.#answer?.write(this.#settle(event));
    }
    return this.#run.end ? waiting : this.#send();
  }

  #send(): Promise<unknown> | undefined {
    return this.#run.exchange.asked.stream ? this.#run.reply.write(this.#answer?.take() ?? '') : undefined;
  }

  /** The one end of an exchange. */
  #settle(event: EndEvent): EndEvent {
    this.#run.end = event.error ? { ...event, error: this.#run.tell(event.error) } : event;
    this.#run.error = this.#run.end.error;
    return this.#run.end;
  }

  async #complete({ status }: EndEvent): Promise<void> {
    const { complete } = this.#run.path.pipeline;
    if (status !== 'completed' || !this.#answer || !complete.isUsed()) return;
    await complete.promise(this.#answer, this.#run.exchange);
  }

  #sendWhole(answer: Answer, end: EndEvent): void {
    if (end.error) return this.#run.refuse(end.error);
    this.#run.reply.send(200, end.usage?.estimated ? { 'x-tapline-usage': 'estimated' } : {}, answer.body);
  }
}
