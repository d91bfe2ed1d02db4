import { GatewayError } from '../contract/errors.ts';
import type { NativeAnswer } from '../upstreams/upstream.ts';
import type { ExchangeRun, LaneRun } from './exchange-run.ts';
import type { Incoming } from './incoming.ts';

/** Answers with what the provider sends: it is the client's own dialect already. */
export class NativeRun implements LaneRun {
  readonly #run: ExchangeRun;

  constructor(run: ExchangeRun) {
    this.#run = run;
  }

  async answer(incoming: Incoming): Promise<void> {
    const native = await this.#forwarded(incoming);
    this.#run.tellHeaders();
    if (native.body !== undefined) {
      if (this.#run.exchange.asked.stream) throw new GatewayError('upstream_protocol', 'the provider does not stream its answer, which was asked for');
      this.#run.reply.send(native.status, native.headers, native.body);
    } else {
      if (!this.#run.exchange.started) this.#run.reply.beginStream(native.headers);
      await native.each((part) => {
        this.#run.tellDelta();
        return this.#run.reply.write(part);
      });
    }
    this.#run.end = native.end ?? { type: 'end', status: 'completed' };
    this.#run.error = this.#run.end.error; // told by the provider itself
  }

  begin(): void {
    if (this.#run.exchange.started || this.#run.exchange.signal.aborted) return;
    this.#run.reply.beginStream();
    this.#run.reply.write(this.#run.exchange.keepAlive.frame);
  }

  failStream(error: GatewayError): void {
    this.#run.error = this.#run.tell(error);
    this.#run.reply.write(this.#run.door.failure(this.#run.error));
  }

  rest(): string {
    return '';
  }

  /** Not async: no frame may keep the request while the answer streams. */
  #forwarded(incoming: Incoming): Promise<NativeAnswer> {
    const body = withModel(incoming.take());
    this.#run.door.check?.(body);
    return this.#run.path.upstream.forward(this.#run.exchange, body);
  }
}

/** All else the provider checks itself. */
function withModel(body: Record<string, unknown>): Record<string, unknown> {
  if (typeof body['model'] === 'string' && body['model'] !== '') return body;
  throw new GatewayError(body['model'] === undefined ? 'missing_parameter' : 'invalid_request', 'model: the name of a model is required', { param: 'model' });
}
