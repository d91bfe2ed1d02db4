import { checkFrame } from '../../check-frame.ts';
import type { FrontDoor } from '../../front-door.ts';
import { encodeError, encodeFailure } from '../../openai-error.ts';
import { ResponsesAnswer } from './answer.ts';
import { decodeRequest } from './decode-request.ts';
import { headOf } from './response-head.ts';

/** Serves `POST /v1/responses`. */
export const responsesFrontDoor: FrontDoor = {
  dialect: 'responses',
  path: '/responses',
  decode: decodeRequest,
  check: (body) => checkFrame(body, { list: 'input', isRequired: false }), // a stored prompt needs no input
  answer: (request, exchange) => new ResponsesAnswer(headOf(request, exchange), exchange.clock),
  count: { path: '/responses/input_tokens', body: (tokens) => ({ object: 'response.input_tokens', input_tokens: tokens }) },
  error: encodeError,
  failure: encodeFailure,
};
