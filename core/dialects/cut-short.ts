import { GatewayError } from '../contract/errors.ts';

/**
 * The error of an answer that ends before it is complete. Agents decide by phrases whether to ask again: pi by
 * "connection lost", others by "stream was interrupted".
 */
export function cutShort(): GatewayError {
  return new GatewayError('stream_cut', 'connection lost: the stream was interrupted, the provider ended its answer before it was complete');
}
