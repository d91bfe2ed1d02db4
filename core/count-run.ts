import { estimateTokens } from './estimate-tokens.ts';
import type { Incoming } from './incoming.ts';
import { ExchangeRun } from './run-exchange.ts';

/** Tells how many tokens a request has: the provider's own count where it has one, else an estimate, which says that it is one. */
export class CountRun extends ExchangeRun {
  protected async answer(incoming: Incoming): Promise<void> {
    const { path, exchange, door } = this;
    const body = incoming.take();
    await path.pipeline.route.promise(exchange);
    const request = door.decode(structuredClone(body), exchange);
    const counted = await path.upstream.count(exchange, path.lane === 'native' ? { body } : { request: structuredClone(request) });
    const tokens = counted ?? (await estimateTokens(request));
    this.reply.send(200, counted === undefined ? { 'x-tapline-usage': 'estimated' } : {}, JSON.stringify(door.count?.body(tokens)));
    this.end = { type: 'end', status: 'completed' };
  }

  protected begin(): void {}

  protected failStream(): void {}

  protected rest(): string {
    return '';
  }
}
