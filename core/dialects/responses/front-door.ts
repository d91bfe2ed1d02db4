import type { FrontDoor } from '../front-door.ts';
import { ResponsesAnswer } from './answer.ts';
import { decodeRequest } from './decode-request.ts';
import { encodeError } from './error.ts';

/** Serves `POST /v1/responses`. */
export const responsesFrontDoor: FrontDoor = {
  dialect: 'responses',
  path: '/responses',
  decode: decodeRequest,
  answer: (request, exchange) => new ResponsesAnswer(request, exchange),
  error: encodeError,
};
