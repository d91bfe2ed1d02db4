import type { Codec } from '../../codec.ts';
import { hasRefusingStatus } from '../../tolerant.ts';
import { ResponsesDecoder } from './decode-stream.ts';
import { encodeRequest } from './encode-request.ts';
import { ResponsesPassing } from './passing.ts';
import type { ResponsesChunk } from './upstream-wire.ts';

const BROKEN = new Set(['error', 'response.failed', 'response.cancelled']);

/** `POST /responses`. */
export const responsesCodec: Codec<Record<string, unknown>, ResponsesChunk> = {
  dialect: 'responses',
  path: '/responses',
  countPath: '/responses/input_tokens',
  headers: {},
  markers: ['response.completed', 'response.incomplete', 'response.done', 'response.failed', 'response.cancelled', '"error"', '"base_resp"', '[DONE]'],
  encode: encodeRequest,
  decoder: (exchange, characters) => new ResponsesDecoder(exchange, characters),
  passing: (exchange) => new ResponsesPassing(exchange),
  isAnswer: ({ object, output }) => object === 'response' || object === 'response.compaction' || Array.isArray(output),
  isFailure,
};

function isFailure(chunk: ResponsesChunk): boolean {
  if (BROKEN.has(chunk.type ?? '') || chunk.error || Array.isArray(chunk) || chunk['success'] === false || hasRefusingStatus(chunk)) return true;
  if (chunk.object === 'response') return chunk.status === 'failed' || chunk.status === 'cancelled';
  return chunk.type === undefined && ['message', 'detail', 'msg', 'error_msg'].some((field) => typeof chunk[field] === 'string');
}
