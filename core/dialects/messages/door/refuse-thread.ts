import { GatewayError } from '../../../contract/errors.ts';

/**
 * Refuses a conversation that continues from state at the provider, with the error on which the SDK sends all of it:
 * most providers of Messages would ignore the field, and answer without the earlier messages.
 */
export function refuseThread(body: Record<string, unknown>): void {
  if (body['thread'] == null) return;
  throw new GatewayError('unsupported_parameter', 'thread: this gateway keeps no threads; send the whole conversation', { param: 'thread' });
}
