import type { z } from 'zod';
import type { CanonicalRequest, Item, Tool } from '../../../contract/canonical.ts';
import { GatewayError } from '../../../contract/errors.ts';
import type { Exchange } from '../../../contract/exchange.ts';
import { checkBody, missing } from '../../check-body.ts';
import { Body, itemSchema, toolSchema } from './door-body.ts';
import { itemMender } from './mend-item.ts';

/** Fields about state at a provider, which a translated exchange does not have, and the alternative to each. */
const STATEFUL = {
  conversation: 'continue by previous_response_id, or send the whole input',
  prompt: 'send what it says as instructions and input',
  background: 'wait for the answer, or ask for a stream',
};

/**
 * Checks a client's body, turns its input into a list, and mends what only might be refused. Throws `missing_parameter`,
 * `invalid_request` or `unsupported_parameter`, naming the field.
 */
export function decodeRequest(body: Record<string, unknown>, exchange: Exchange): CanonicalRequest {
  checkBody(Body, body); // the body itself is kept: zod's copy of a megabyte costs more than the check
  for (const [param, instead] of Object.entries(STATEFUL)) {
    if (body[param]) throw new GatewayError('unsupported_parameter', `${param}: this gateway keeps no such state; ${instead}`, { param });
  }
  const unknown = Object.keys(body).filter((field) => !Object.hasOwn(Body.shape, field));
  if (unknown.length > 0) exchange.log.debug({ fields: unknown }, 'fields left out');
  const request = body as unknown as CanonicalRequest;
  request.input = decodeInput(body['input'], exchange);
  checkTools(request.tools ?? [], 'tools');
  if (request.text?.format?.type === 'json_schema' && !request.text.format.schema) missing('text.format.schema');
  if (request.input.length === 0 && !request.instructions && !request.previous_response_id) missing('input');
  return request;
}

function decodeInput(input: unknown, exchange: Exchange): Item[] {
  if (input == null) missing('input');
  if (typeof input === 'string') return [{ type: 'message', role: 'user', content: input }];
  const mend = itemMender(exchange);
  return (input as Record<string, unknown>[]).map((item, at) => {
    if (item['type'] === undefined && 'role' in item) item['type'] = 'message'; // the short form
    const { type } = item;
    if (type === undefined) missing(`input[${at}].type`);
    if (typeof type !== 'string') throw new GatewayError('invalid_request', `input[${at}].type: expected a string`, { param: `input[${at}].type` });
    mend(item, `input[${at}]`);
    checkTyped(itemSchema(type), item, `input[${at}]`);
    if (type === 'message') item['content'] ??= '';
    if (type === 'additional_tools' || type === 'tool_search_output') checkTools(item['tools'] as Tool[], `input[${at}].tools`);
    return item as unknown as Item;
  });
}

function checkTools(tools: readonly Tool[], path: string): void {
  for (const [at, tool] of tools.entries()) {
    checkTyped(toolSchema(tool.type), tool, `${path}[${at}]`);
    if (tool.type === 'namespace') checkTools(tool.tools, `${path}[${at}].tools`);
  }
}

function checkTyped(schema: z.ZodType | undefined, value: unknown, path: string): void {
  if (schema) checkBody(schema, value, path);
}
