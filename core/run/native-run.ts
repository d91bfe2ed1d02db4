import { GatewayError } from '../contract/errors.ts';
import { shownId } from '../kit/item-id.ts';
import type { NativeAnswer } from '../upstreams/upstream.ts';
import type { Incoming } from './incoming.ts';
import type { Lane, LaneContext } from './lane.ts';

/** Passes on the provider's answer, which is in the client's dialect already. */
export class NativeRun implements Lane {
  readonly #context: LaneContext;

  constructor(context: LaneContext) {
    this.#context = context;
  }

  async answer(incoming: Incoming): Promise<void> {
    const { exchange, reply, outcome } = this.#context;
    const native = await this.#forwarded(incoming);
    outcome.markHeaders();
    if (native.body !== undefined) {
      if (exchange.asked.stream) throw new GatewayError('upstream_protocol', 'the provider did not stream its answer, although a stream was requested');
      if (native.id !== undefined) exchange.ownResponse(native.id);
      reply.send(native.status, native.headers, native.body);
    } else {
      if (!exchange.started) reply.beginStream(native.headers);
      let known: string | undefined;
      await native.each((part) => {
        outcome.markDelta();
        if (native.id !== known) {
          known = native.id;
          if (known !== undefined) exchange.ownResponse(known);
        }
        return reply.write(part);
      });
    }
    outcome.pass(native.end ?? { type: 'end', status: 'completed' });
  }

  begin(): void {
    const { exchange, reply } = this.#context;
    if (exchange.started || exchange.signal.aborted) return;
    reply.beginStream();
    reply.write(exchange.keepAlive.frame);
  }

  failStream(error: GatewayError): void {
    const { reply, door, outcome } = this.#context;
    reply.write(door.failure(outcome.fail(error)));
  }

  rest(): string {
    return '';
  }

  /** Not async: an async frame would keep the request while the answer streams. */
  #forwarded(incoming: Incoming): Promise<NativeAnswer> {
    const { door, path, exchange } = this.#context;
    const body = withModel(incoming.take());
    door.check?.(body);
    const previous = body['previous_response_id'];
    if (typeof previous !== 'string') return path.upstream.forward(exchange, body);
    return exchange.isForeign(previous).then((foreign) => {
      if (foreign) throw notFound(previous);
      return path.upstream.forward(exchange, body);
    });
  }
}

function notFound(id: string): GatewayError {
  const param = 'previous_response_id';
  return new GatewayError('previous_response_not_found', `${param}: no response ${shownId(id)} is known for this key`, { param });
}

/** The provider checks everything else itself. */
function withModel(body: Record<string, unknown>): Record<string, unknown> {
  if (typeof body['model'] === 'string' && body['model'] !== '') return body;
  throw new GatewayError(body['model'] === undefined ? 'missing_parameter' : 'invalid_request', 'model: the name of a model is required', { param: 'model' });
}
