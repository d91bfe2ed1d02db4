import type { ChatChunk, ChatRequest } from '../../../contract/chat-wire.ts';
import type { Codec } from '../../codec.ts';
import { hasRefusingStatus } from '../../tolerant.ts';
import { ChatDecoder } from './decode-stream.ts';
import { encodeRequest } from './encode-request.ts';
import { ChatPassing } from './passing.ts';

/** `POST /chat/completions`. */
export const chatCodec: Codec<ChatRequest, ChatChunk> = {
  dialect: 'chat',
  path: '/chat/completions',
  headers: {},
  markers: ['"finish_reason":"', '"finish_reason": "', '"usage":{', '"usage": {', '"error"', '"base_resp"', 'error: {', '[DONE]'],
  encode: encodeRequest,
  decoder: (exchange, characters) => new ChatDecoder(exchange, characters),
  passing: (exchange) => new ChatPassing(exchange),
  isAnswer: ({ choices }) => Array.isArray(choices) && choices.length > 0,
  isFailure,
};

function isFailure(chunk: ChatChunk): boolean {
  if (
    (chunk.error !== undefined && chunk.error !== null && chunk.error !== '') ||
    Array.isArray(chunk) ||
    chunk['success'] === false ||
    hasRefusingStatus(chunk)
  )
    return true;
  return chunk.choices === undefined && ['message', 'detail', 'msg', 'error_msg'].some((field) => typeof chunk[field] === 'string');
}
