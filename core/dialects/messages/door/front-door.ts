import { checkFrame } from '../../check-frame.ts';
import type { FrontDoor } from '../../front-door.ts';
import { MessagesAnswer } from './answer.ts';
import { decodeRequest } from './decode-request.ts';
import { encodeError, errorEvent } from './error.ts';
import { refuseThread } from './refuse-thread.ts';

/** `POST /v1/messages`. */
export const messagesFrontDoor: FrontDoor = {
  dialect: 'messages',
  path: '/messages',
  keepAlive: 'event: ping\ndata: {"type":"ping"}\n\n',
  decode: decodeRequest,
  check(body) {
    refuseThread(body);
    checkFrame(body, { list: 'messages', isRequired: true });
  },
  answer: (request, exchange) => new MessagesAnswer(request, exchange),
  count: { path: '/messages/count_tokens', body: (tokens) => ({ input_tokens: tokens }) },
  error: encodeError,
  failure: errorEvent,
};
