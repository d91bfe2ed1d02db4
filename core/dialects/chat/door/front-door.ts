import { checkFrame } from '../../check-frame.ts';
import type { FrontDoor } from '../../front-door.ts';
import { encodeError } from '../../openai-error.ts';
import { ChatAnswer, chatFailure } from './answer.ts';
import { decodeRequest } from './decode-request.ts';

/** Serves `POST /v1/chat/completions`. */
export const chatFrontDoor: FrontDoor = {
  dialect: 'chat',
  path: '/chat/completions',
  decode: decodeRequest,
  check: (body) => checkFrame(body, { list: 'messages', isRequired: true }),
  answer: (request, exchange) => new ChatAnswer(request, exchange),
  error: encodeError,
  failure: chatFailure,
};
