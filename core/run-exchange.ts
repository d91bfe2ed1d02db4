import type { EndEvent, StreamEvent } from './canonical.ts';
import type { Answer, FrontDoor } from './dialects/front-door.ts';
import { asGatewayError, GatewayError, messageOf } from './errors.ts';
import type { Gateway, Path } from './gateway.ts';
import type { ExchangeSummary } from './plugin.ts';
import type { RunningExchange } from './running-exchange.ts';
import type { Reply } from './server/reply.ts';
import { toolNamesOf } from './tool-references.ts';
import type { NativeAnswer } from './upstreams/upstream.ts';

/** A client's body, let go of once it is taken: a stream lives for minutes, and a Codex body is 50 KB and more. */
export class Incoming {
  #body: Record<string, unknown> | undefined;

  constructor(body: Record<string, unknown>) {
    this.#body = body;
  }

  take(): Record<string, unknown> {
    const body = this.#body ?? {};
    this.#body = undefined;
    return body;
  }
}

/** Answers one client request. Never throws: what goes wrong is told to the client in its dialect. */
export class ExchangeRun {
  readonly #exchange: RunningExchange;
  readonly #gateway: Gateway;
  readonly #path: Path;
  readonly #door: FrontDoor;
  readonly #reply: Reply;
  readonly #from: number;
  #answer: Answer | undefined;
  readonly #ended = Promise.withResolvers<void>();
  #early = false;
  #end: EndEvent | undefined;
  #error: GatewayError | undefined;
  #headersMs: number | undefined;
  #firstDeltaMs: number | undefined;

  constructor(exchange: RunningExchange, gateway: Gateway, door: FrontDoor, reply: Reply) {
    this.#exchange = exchange;
    this.#gateway = gateway;
    this.#path = gateway.paths[door.dialect];
    this.#door = door;
    this.#reply = reply;
    this.#from = gateway.clock.elapsed();
  }

  /** `read` delivers the body, or throws what is wrong with it. */
  async run(read: () => Promise<Incoming>): Promise<void> {
    const { clock, commitAfter } = this.#gateway;
    let commit = { stop() {} };
    try {
      const incoming = await read();
      if (this.#exchange.asked.stream) commit = clock.after(commitAfter, () => this.#begin());
      await (this.#path.lane === 'native' ? this.#forward(incoming) : this.#translate(incoming));
    } catch (thrown) {
      if (!this.#exchange.signal.aborted) this.#fail(asGatewayError(thrown));
    } finally {
      commit.stop();
      if (this.#exchange.started && this.#exchange.asked.stream) this.#reply.endStream(this.#answer?.take() ?? '');
      this.#reply.stop();
      this.#summarise();
      if (this.#early) this.#exchange.leave(); // nobody waits for what the provider still says
    }
  }

  async #translate(incoming: Incoming): Promise<void> {
    const answering = this.#open(incoming);
    answering.catch(() => {});
    await Promise.race([answering, this.#ended.promise]);
    if (!this.#end) throw asGatewayError(new Error('the upstream told no end'));
    await this.#complete(this.#end);
    if (!this.#exchange.asked.stream && this.#answer) this.#sendWhole(this.#answer, this.#end);
  }

  /** What the provider sends is the client's own dialect already. */
  async #forward(incoming: Incoming): Promise<void> {
    const native = await this.#forwarded(incoming);
    this.#headersMs = this.#sinceStart();
    if (native.body !== undefined && !this.#exchange.asked.stream) {
      this.#end = native.end;
      return this.#reply.send(native.status, native.headers, native.body);
    }
    if (native.body !== undefined) throw new GatewayError('upstream_protocol', 'the provider does not stream its answer, which was asked for');
    if (!this.#exchange.started) this.#reply.beginStream(native.headers);
    await native.each((part) => {
      this.#firstDeltaMs ??= this.#sinceStart();
      return this.#reply.write(part);
    });
    this.#end = native.end;
    this.#error = native.end?.error;
  }

  /** Not async: no frame may keep the request while the answer streams. */
  #forwarded(incoming: Incoming): Promise<NativeAnswer> {
    const { pipeline, upstream } = this.#path;
    return pipeline.route.promise(this.#exchange).then(() => upstream.forward(this.#exchange, withModel(incoming.take())));
  }

  /** Not async: no frame may keep the request while the answer streams. */
  #open(incoming: Incoming): Promise<void> {
    const { upstream } = this.#path;
    return this.#prepare(incoming).then((request) => upstream.open(this.#exchange, request, (batch) => this.#emit(batch)));
  }

  async #prepare(incoming: Incoming) {
    const { pipeline } = this.#path;
    await pipeline.route.promise(this.#exchange);
    const request = this.#door.decode(incoming.take(), this.#exchange);
    this.#answer = this.#door.answer(request, this.#exchange);
    if (this.#exchange.log.isLevelEnabled('debug')) this.#exchange.log.debug({ tools: toolNamesOf(request.tools) }, 'tools of the client');
    await pipeline.request.promise(request, this.#exchange);
    return request;
  }

  #emit(batch: readonly StreamEvent[]): Promise<unknown> | undefined {
    if (this.#end || this.#exchange.signal.aborted) return undefined;
    this.#headersMs ??= this.#sinceStart();
    if (this.#exchange.asked.stream && !this.#exchange.started) this.#begin();
    this.#tellCalls(batch, 'call of the model');
    const events = this.#path.pipeline.events.call(batch, this.#exchange);
    this.#tellCalls(events, 'call for the client');
    const waiting = this.#write(events);
    if (this.#end && batch.at(-1)?.type !== 'end') this.#endEarly();
    return waiting;
  }

  /** Names only: what a call says is nobody's business. */
  #tellCalls(events: readonly StreamEvent[], which: string): void {
    if (!this.#exchange.log.isLevelEnabled('debug')) return;
    for (const event of events) {
      if (event.type === 'item.done' && 'name' in event.item)
        this.#exchange.log.debug({ tool: event.item.name, namespace: 'namespace' in event.item ? event.item.namespace : undefined }, which);
    }
  }

  /** What tells the end is written, but sent only when the exchange is complete. */
  #write(events: readonly StreamEvent[]): Promise<unknown> | undefined {
    let waiting: Promise<unknown> | undefined;
    for (const event of events) {
      if (this.#end) return waiting;
      if (event.type === 'item.delta') this.#firstDeltaMs ??= this.#sinceStart();
      if (event.type !== 'end') {
        this.#answer?.write(event);
        continue;
      }
      waiting = this.#send();
      this.#answer?.write(this.#settle(event));
    }
    return this.#end ? waiting : this.#send();
  }

  /** A plugin ended the answer, of which the provider does not know. */
  #endEarly(): void {
    this.#early = true;
    this.#ended.resolve();
  }

  #send(): Promise<unknown> | undefined {
    return this.#exchange.asked.stream ? this.#reply.write(this.#answer?.take() ?? '') : undefined;
  }

  async #complete({ status }: EndEvent): Promise<void> {
    const { complete } = this.#path.pipeline;
    if (status !== 'completed' || !this.#answer || !complete.isUsed()) return;
    try {
      await complete.promise(this.#answer, this.#exchange);
    } catch (thrown) {
      this.#exchange.log.error({ err: thrown }, messageOf(thrown));
    }
  }

  /** The one end of an exchange; its error passes the `error` handlers here. */
  #settle(event: EndEvent): EndEvent {
    this.#end = event.error ? { ...event, error: this.#tell(event.error) } : event;
    this.#error = this.#end.error;
    return this.#end;
  }

  #begin(): void {
    if (this.#exchange.started || this.#exchange.signal.aborted) return;
    if (!this.#answer && this.#path.lane === 'translated') return;
    this.#reply.beginStream();
    this.#answer?.write({ type: 'start' });
    this.#reply.write(this.#answer?.take() ?? this.#exchange.keepAlive.frame);
  }

  #sendWhole(answer: Answer, end: EndEvent): void {
    if (end.error) return this.#refuse(end.error);
    this.#reply.send(200, end.usage?.estimated ? { 'x-tapline-usage': 'estimated' } : {}, answer.body);
  }

  #fail(error: GatewayError): void {
    if (this.#end) {
      this.#exchange.log.error({ err: error }, 'failed after the end');
      if (!this.#exchange.started && this.#error) this.#refuse(this.#error);
      return;
    }
    if (!this.#exchange.started || !this.#exchange.asked.stream) {
      this.#error = this.#tell(error);
      return this.#refuse(this.#error);
    }
    if (this.#path.lane === 'native') {
      this.#error = this.#tell(error);
      this.#reply.write(this.#door.failure(this.#error));
      return;
    }
    const end: EndEvent = { type: 'end', status: 'failed', error };
    try {
      this.#write(this.#path.pipeline.events.call([end], this.#exchange));
    } catch {
      this.#write([end]); // the plugin that failed must not keep the client waiting
    }
  }

  #tell(error: GatewayError): GatewayError {
    const { pipeline } = this.#path;
    if (error.code === 'plugin_failed' || error.code === 'internal') this.#exchange.log.error({ err: error }, error.message);
    let told = error;
    try {
      told = pipeline.error.call(error, this.#exchange);
    } catch (thrown) {
      this.#exchange.log.error({ err: thrown }, 'an error handler failed');
    }
    const { param } = told.details;
    const { redact } = this.#gateway;
    return told.with({ message: redact(told.message), param: param === undefined ? undefined : redact(param) });
  }

  #refuse(error: GatewayError): void {
    const { status, headers, body } = this.#door.error(error);
    this.#reply.send(status, headers, body);
  }

  #summarise(): void {
    const { asked, model, preset, lane, warnings, signal, log } = this.#exchange;
    const status = this.#end?.status ?? (signal.aborted ? 'aborted' : this.#error || lane === 'translated' ? 'failed' : 'completed');
    const times = { headersMs: this.#headersMs, firstDeltaMs: this.#firstDeltaMs, endMs: this.#sinceStart() };
    const error = this.#error;
    const summary: ExchangeSummary = { status, httpStatus: this.#reply.status, ...times, usage: this.#end?.usage, error, warnings };
    try {
      this.#path.pipeline.end.call(summary, this.#exchange);
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

/** All else a provider checks itself. */
function withModel(body: Record<string, unknown>): Record<string, unknown> {
  if (typeof body['model'] === 'string' && body['model'] !== '') return body;
  throw new GatewayError(body['model'] === undefined ? 'missing_parameter' : 'invalid_request', 'model: the name of a model is required', { param: 'model' });
}
