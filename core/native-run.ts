import { GatewayError } from './errors.ts';
import type { Incoming } from './incoming.ts';
import { ExchangeRun } from './run-exchange.ts';
import type { NativeAnswer } from './upstreams/upstream.ts';

/** Answers with what the provider sends: it is the client's own dialect already. */
export class NativeRun extends ExchangeRun {
  protected async answer(incoming: Incoming): Promise<void> {
    const native = await this.#forwarded(incoming);
    this.tellHeaders();
    if (native.body !== undefined) {
      if (this.exchange.asked.stream) throw new GatewayError('upstream_protocol', 'the provider does not stream its answer, which was asked for');
      this.reply.send(native.status, native.headers, native.body);
    } else {
      if (!this.exchange.started) this.reply.beginStream(native.headers);
      await native.each((part) => {
        this.tellDelta();
        return this.reply.write(part);
      });
    }
    this.end = native.end ?? { type: 'end', status: 'completed' };
    this.error = this.end.error; // told by the provider itself
  }

  protected begin(): void {
    if (this.exchange.started || this.exchange.signal.aborted) return;
    this.reply.beginStream();
    this.reply.write(this.exchange.keepAlive.frame);
  }

  protected failStream(error: GatewayError): void {
    this.error = this.tell(error);
    this.reply.write(this.door.failure(this.error));
  }

  protected rest(): string {
    return '';
  }

  /** Not async: no frame may keep the request while the answer streams. */
  #forwarded(incoming: Incoming): Promise<NativeAnswer> {
    const { pipeline, upstream } = this.path;
    return pipeline.route.promise(this.exchange).then(() => upstream.forward(this.exchange, withModel(incoming.take())));
  }
}

/** All else the provider checks itself. */
function withModel(body: Record<string, unknown>): Record<string, unknown> {
  if (typeof body['model'] === 'string' && body['model'] !== '') return body;
  throw new GatewayError(body['model'] === undefined ? 'missing_parameter' : 'invalid_request', 'model: the name of a model is required', { param: 'model' });
}
