import type { CanonicalRequest } from '../contract/canonical.ts';
import { estimateTokens } from './estimate-tokens.ts';
import type { Incoming } from './incoming.ts';
import type { Lane, LaneContext } from './lane.ts';

/** Answers a request to count tokens: with the provider's own count if it has one, else with a marked estimate. */
export class CountRun implements Lane {
  readonly #context: LaneContext;

  constructor(context: LaneContext) {
    this.#context = context;
  }

  async answer(incoming: Incoming): Promise<void> {
    const { path, exchange, door, reply, outcome } = this.#context;
    const body = incoming.take();
    const request = door.decode(structuredClone(body), exchange);
    const native = path.lane === 'native';
    const asked = native ? request : structuredClone(request); // plugins change the request in place
    const counted = await (native ? path.upstream.count(exchange, { body }) : this.#translated(request));
    const tokens = counted ?? (await estimateTokens(asked));
    reply.send(200, counted === undefined ? { 'x-tapline-usage': 'estimated' } : {}, JSON.stringify(door.count?.body(tokens)));
    outcome.pass({ type: 'end', status: 'completed' });
  }

  async #translated(request: CanonicalRequest): Promise<number | undefined> {
    const { path, exchange } = this.#context;
    exchange.decoded(request);
    try {
      return await path.upstream.count(exchange, { request });
    } catch (thrown) {
      throw exchange.inClientWords(thrown);
    }
  }

  begin(): void {}

  failStream(): void {}

  rest(): string {
    return '';
  }
}
