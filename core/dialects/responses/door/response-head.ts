import type { CanonicalRequest } from '../../../contract/canonical.ts';
import type { Clock } from '../../../contract/clock.ts';
import type { Exchange } from '../../../contract/exchange.ts';
import { echo } from './echo.ts';

/** The fields of a response that are known at its beginning. */
export interface ResponseHead {
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly model: string;
  /** The fields that repeat the request, as JSON without braces. */
  readonly echo: string;
}

/** The head of a new response to this request. */
export function headOf(request: CanonicalRequest, { clock, asked }: Exchange): ResponseHead {
  return { id: clock.id('resp'), created: seconds(clock), model: asked.model, echo: echo(request) };
}

/** Seconds since 1970, the unit of times in a response. */
export function seconds(clock: Clock): number {
  return Math.floor(clock.now() / 1000);
}
