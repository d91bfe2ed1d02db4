import { estimateTokens } from './estimate-tokens.ts';
import type { Incoming } from './incoming.ts';
import type { ExchangeRun, LaneRun } from './run-exchange.ts';

/** Tells how many tokens a request has: the provider's own count where it has one, else an estimate, which says that it is one. */
export class CountRun implements LaneRun {
  readonly #run: ExchangeRun;

  constructor(run: ExchangeRun) {
    this.#run = run;
  }

  async answer(incoming: Incoming): Promise<void> {
    const { path, exchange, door } = this.#run;
    const body = incoming.take();
    const request = door.decode(structuredClone(body), exchange);
    const counted = await path.upstream.count(exchange, path.lane === 'native' ? { body } : { request: structuredClone(request) });
    const tokens = counted ?? (await estimateTokens(request));
    this.#run.reply.send(200, counted === undefined ? { 'x-tapline-usage': 'estimated' } : {}, JSON.stringify(door.count?.body(tokens)));
    this.#run.end = { type: 'end', status: 'completed' };
  }

  begin(): void {}

  failStream(): void {}

  rest(): string {
    return '';
  }
}
