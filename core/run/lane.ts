import type { GatewayError } from '../contract/errors.ts';
import type { FrontDoor } from '../dialects/front-door.ts';
import type { Path } from '../gateway/provider.ts';
import type { Incoming } from './incoming.ts';
import type { Outcome } from './outcome.ts';
import type { Reply } from './reply.ts';
import type { RunningExchange } from './running-exchange.ts';

/** The tools of a lane, once the provider is chosen. */
export interface LaneContext {
  readonly exchange: RunningExchange;
  readonly door: FrontDoor;
  readonly reply: Reply;
  readonly path: Path;
  readonly outcome: Outcome;
}

/** Answers an exchange; one implementation per lane. */
export interface Lane {
  /** Resolves when the provider is done, or the answer ended earlier. */
  answer(incoming: Incoming): Promise<void>;
  /** Commits to 200 before the provider has answered. */
  begin(): void;
  /** Reports a failure in the stream. */
  failStream(error: GatewayError): void;
  /** Returns the text still to be written at the end. */
  rest(): string;
}

export type CreateLane = (context: LaneContext) => Lane;

/** Answers with an error before the first byte. */
export function refuse({ door, exchange, reply }: Pick<LaneContext, 'door' | 'exchange' | 'reply'>, error: GatewayError): void {
  const { status, headers, body } = door.error(error, exchange);
  reply.send(status, headers, body);
}
