import type { CanonicalRequest, StreamEvent } from '../../../contract/canonical.ts';
import { GatewayError } from '../../../contract/errors.ts';
import type { Exchange } from '../../../contract/exchange.ts';
import { checkFrame } from '../../check-frame.ts';
import type { Answer, FrontDoor } from '../../front-door.ts';
import { encodeError, encodeFailure } from '../../openai-error.ts';
import { ResponsesAnswer } from './answer.ts';
import { decodeRequest } from './decode-request.ts';
import { headOf } from './response-head.ts';

/** Serves `POST /v1/responses/compact`: the answer holds the items that the next request's input begins with. */
export const compactDoor: FrontDoor = {
  dialect: 'responses',
  path: '/responses/compact',
  decode,
  check: (body) => checkFrame(body, { list: 'input', isRequired: false }),
  answer: (request, exchange) => new CompactAnswer(new ResponsesAnswer(headOf(request, exchange), exchange.clock)),
  error: encodeError,
  failure: encodeFailure,
};

function decode(body: Record<string, unknown>, exchange: Exchange): CanonicalRequest {
  if (body['stream']) throw new GatewayError('unsupported_parameter', 'stream: a compaction cannot be streamed; leave this field out', { param: 'stream' });
  const { input = null, previous_response_id: previous } = body;
  if (!previous && (input === null || input === '' || (Array.isArray(input) && input.length === 0)))
    throw new GatewayError('missing_parameter', 'input: this field is required, or previous_response_id', { param: 'input' });
  const request = decodeRequest(Object.assign(body, { input: input ?? [] }), exchange);
  request.input.push({ type: 'compaction_trigger', with_messages: true });
  return request;
}

/** Answers with the fields of a response that OpenAI documents for a compaction. */
class CompactAnswer implements Answer {
  readonly #response: ResponsesAnswer;

  constructor(response: ResponsesAnswer) {
    this.#response = response;
  }

  get id(): string {
    return this.#response.id;
  }

  write(event: StreamEvent): void {
    this.#response.write(event);
    this.#response.take();
  }

  take(): string {
    return '';
  }

  get body(): string {
    const { id, created_at, output, usage } = JSON.parse(this.#response.body) as Record<string, unknown>;
    return JSON.stringify({ id, object: 'response.compaction', created_at, output, usage });
  }
}
