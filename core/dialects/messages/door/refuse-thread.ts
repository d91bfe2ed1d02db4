import { GatewayError } from '../../../contract/errors.ts';

/** Refuses a conversation that goes on at the provider, in the words at which the SDK sends all of it: most providers of Messages would ignore the field, and answer without what was said. */
export function refuseThread(body: Record<string, unknown>): void {
  if (body['thread'] == null) return;
  throw new GatewayError('unsupported_parameter', 'thread: this gateway keeps no threads; send the whole conversation', { param: 'thread' });
}
