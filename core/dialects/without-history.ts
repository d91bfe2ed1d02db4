import { GatewayError } from '../contract/errors.ts';

/** Refuses to continue an earlier conversation without a history: an answer that ignores it would be worse. */
export function withoutHistory(): GatewayError {
  const param = 'previous_response_id';
  return new GatewayError('previous_response_not_found', `${param}: this gateway keeps no history (plugin "history"); send the whole input`, { param });
}
