import type { Codec } from '../codec.ts';
import { MessagesDecoder } from './decode-stream.ts';
import { encodeRequest } from './encode-request.ts';
import type { MessagesChunk, MessagesRequest } from './wire.ts';

/** `POST /messages`. */
export const messagesCodec: Codec<MessagesRequest, MessagesChunk> = {
  dialect: 'messages',
  path: '/messages',
  headers: { 'anthropic-version': '2023-06-01' },
  encode: encodeRequest,
  decoder: (exchange, characters) => new MessagesDecoder(exchange, characters),
  isFailure,
};

function isFailure(chunk: MessagesChunk): boolean {
  if (chunk.type === 'error' || chunk.error || Array.isArray(chunk) || chunk['success'] === false) return true;
  return chunk.type === undefined && ['message', 'detail', 'msg'].some((field) => typeof chunk[field] === 'string');
}
