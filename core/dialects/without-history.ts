import { GatewayError } from '../contract/errors.ts';

/** A conversation that another request began cannot be continued where nothing is kept: to go on without it would be worse. */
export function withoutHistory(): GatewayError {
  const param = 'previous_response_id';
  return new GatewayError('previous_response_not_found', `${param}: this gateway keeps no history (plugin "history"); send the whole input`, { param });
}
