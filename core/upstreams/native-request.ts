import type { Exchange } from '../contract/exchange.ts';

/**
 * Changes what no provider may get of a body that passes as it is otherwise: the model's name, what only one provider
 * may know, an empty list of tools and what belongs to it, and empty roles. Several servers refuse the last two.
 */
export function prepareBody(body: Record<string, unknown>, exchange: Exchange): void {
  if (body['model'] !== exchange.model) body['model'] = exchange.model;
  delete body['client_metadata'];
  const { tools, messages } = body;
  if (Array.isArray(tools) && tools.length === 0) for (const field of ['tools', 'tool_choice', 'parallel_tool_calls']) delete body[field];
  if (!Array.isArray(messages)) return;
  for (const [at, message] of messages.entries()) {
    if (message.role !== '') continue;
    message.role = 'assistant'; // it comes from an answer without a role, which the client has kept
    exchange.warn({ param: `messages[${at}].role`, reason: 'empty' });
  }
}
