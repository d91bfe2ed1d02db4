import type { CanonicalRequest, TextFormat } from '../../../contract/canonical.ts';
import { GatewayError } from '../../../contract/errors.ts';
import type { Exchange } from '../../../contract/exchange.ts';
import { perExchange } from '../../../kit/per-exchange.ts';
import { checkBody, missing } from '../../check-body.ts';
import { LOGPROBS } from '../../logprobs.ts';
import { markOrigin } from '../../origin.ts';
import { bodyNames } from './client-names.ts';
import { decodeMessages } from './decode-messages.ts';
import { decodeTools } from './decode-tools.ts';
import { Body, type ChatBody } from './door-body.ts';

/** Facts about the request that the answer needs beside the canonical form. */
export const askedOf = perExchange(() => ({
  usage: false,
  /** Functions came as `functions`: calls go back as `function_call`. */
  legacy: false,
  /** The client sent `reasoning_details`, so it keeps encrypted reasoning. */
  details: false,
}));
/** Fields that are read, but mean nothing to the provider. */
const LEFT_OUT = ['metadata', 'prediction', 'stream_options'];

/** Checks a Chat client's body and turns it into the canonical form. Throws a GatewayError that names the field. */
export function decodeRequest(raw: Record<string, unknown>, exchange: Exchange): CanonicalRequest {
  checkBody(Body, raw);
  const body = raw as unknown as ChatBody; // reads the body itself: zod's copy is dropped
  refuse(body);
  logUnknown(raw, exchange);
  if (body.messages.length === 0) missing('messages');
  const { instructions, input } = decodeMessages(body.messages, exchange);
  if (input.length === 0)
    throw new GatewayError('invalid_request', 'messages: expected at least one message of another role than system', { param: 'messages' });
  const tools = decodeTools(body);
  const asked = askedOf(exchange);
  asked.usage = body.stream_options?.include_usage ?? false;
  asked.legacy = (body.functions ?? []).length > 0 && !body.tools?.length;
  asked.details = body.messages.some((message) => 'reasoning_details' in message && message.reasoning_details);
  warnLost(body, exchange);
  const include = [...(asked.details ? ['reasoning.encrypted_content'] : []), ...(body.logprobs || body.top_logprobs ? [LOGPROBS] : [])];
  const decoded = withoutNull({
    model: body.model,
    instructions,
    input,
    ...tools,
    reasoning: decodeReasoning(body),
    text: decodeText(body),
    max_output_tokens: body.max_completion_tokens ?? body.max_tokens,
    temperature: body.temperature,
    top_p: body.top_p,
    top_k: body.top_k,
    seed: body.seed,
    presence_penalty: body.presence_penalty || null,
    frequency_penalty: body.frequency_penalty || null,
    stop: typeof body.stop === 'string' ? [body.stop] : body.stop?.length ? body.stop : null,
    service_tier: body.service_tier,
    prompt_cache_key: body.prompt_cache_key,
    safety_identifier: body.safety_identifier ?? body.user,
    top_logprobs: body.top_logprobs || null,
    include: include.length > 0 ? include : null,
    store: body.store ?? false,
    stream: body.stream,
  });
  return markOrigin(decoded, '', bodyNames(body));
}

function refuse({ n, modalities, audio, response_format: format }: ChatBody): void {
  if (n != null && n > 1) throw new GatewayError('unsupported_value', 'n: only one choice is supported; send one request per choice', { param: 'n' });
  if (modalities?.includes('audio')) throw new GatewayError('unsupported_value', 'modalities: audio is not translated; ask for text', { param: 'modalities' });
  if (audio) throw new GatewayError('unsupported_parameter', 'audio: audio is not translated; ask for text', { param: 'audio' });
  if (format?.type === 'json_schema' && !format.json_schema?.schema) missing('response_format.json_schema.schema');
}

function logUnknown(raw: Record<string, unknown>, { log }: Exchange): void {
  const unknown = Object.keys(raw).filter((field) => raw[field] !== null && (!Object.hasOwn(Body.shape, field) || LEFT_OUT.includes(field)));
  if (unknown.length > 0) log.debug({ fields: unknown }, 'fields left out');
}

function warnLost({ logit_bias }: ChatBody, exchange: Exchange): void {
  if (logit_bias && Object.keys(logit_bias).length > 0) exchange.warn({ param: 'logit_bias', reason: 'not_translated' });
}

function decodeReasoning({ reasoning, reasoning_effort, model_reasoning_effort }: ChatBody): CanonicalRequest['reasoning'] {
  const effort = reasoning_effort ?? reasoning?.effort ?? model_reasoning_effort;
  const summary = reasoning?.summary;
  return effort == null && summary == null ? null : { ...(effort != null && { effort }), ...(summary != null && { summary }) };
}

function decodeText({ response_format: format, verbosity, text, text_verbosity, model_verbosity }: ChatBody): CanonicalRequest['text'] {
  const words = verbosity ?? text?.verbosity ?? text_verbosity ?? model_verbosity;
  const decoded = format && format.type !== 'text' ? decodeFormat(format) : undefined;
  return decoded || words != null ? { ...(decoded && { format: decoded }), ...(words != null && { verbosity: words }) } : null;
}

function decodeFormat({ type, json_schema: wrapped }: NonNullable<ChatBody['response_format']>): TextFormat {
  if (type !== 'json_schema' || !wrapped) return { type };
  const { name, schema, strict, description } = wrapped;
  return { type, name: name ?? 'response', schema, ...(strict != null && { strict }), ...(description != null && { description }) };
}

/** Drops nulls, which mean the same as absent fields. */
function withoutNull(request: { [field in keyof CanonicalRequest]: CanonicalRequest[field] | undefined }): CanonicalRequest {
  return Object.fromEntries(Object.entries(request).filter(([, value]) => value != null)) as unknown as CanonicalRequest;
}
