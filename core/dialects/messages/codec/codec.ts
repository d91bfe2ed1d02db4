import type { MessagesChunk, MessagesRequest } from '../../../kit/messages-wire.ts';
import type { Codec } from '../../codec.ts';
import { hasRefusingStatus } from '../../tolerant.ts';
import { MessagesDecoder } from './decode-stream.ts';
import { encodeRequest } from './encode-request.ts';
import { MessagesPassing } from './passing.ts';

/** `POST /messages`. */
export const messagesCodec: Codec<MessagesRequest, MessagesChunk> = {
  dialect: 'messages',
  path: '/messages',
  countPath: '/messages/count_tokens',
  headers: { 'anthropic-version': '2023-06-01' },
  markers: ['message_start', 'message_delta', 'message_stop', '"error"', '"base_resp"', '[DONE]'],
  encode: encodeRequest,
  decoder: (exchange, characters) => new MessagesDecoder(exchange, characters),
  passing: (exchange) => new MessagesPassing(exchange),
  isAnswer: ({ type, content }) => type === 'message' || Array.isArray(content),
  isFailure,
};

function isFailure(chunk: MessagesChunk): boolean {
  if (chunk.type === 'error' || chunk.error || Array.isArray(chunk) || chunk['success'] === false || hasRefusingStatus(chunk)) return true;
  return chunk.type === undefined && ['message', 'detail', 'msg', 'error_msg'].some((field) => typeof chunk[field] === 'string');
}
