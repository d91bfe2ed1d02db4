import { type CanonicalRequest, type Content, type FunctionCallOutput, type Item, type Message, type TextFormat, textOf } from '../../../contract/canonical.ts';
import type { ChatMessage, ChatPart, ChatRequest } from '../../../contract/chat-wire.ts';
import type { Exchange } from '../../../contract/exchange.ts';
import { objectJson } from '../../../kit/call-arguments.ts';
import { asksLogprobs } from '../../logprobs.ts';
import { withoutHistory } from '../../without-history.ts';

const SAMPLING = ['temperature', 'top_p', 'seed', 'presence_penalty', 'frequency_penalty'] as const;

/** No provider takes more stop sequences. */
const MOST_STOPS = 4;

/**
 * Encodes a lowered request as Chat Completions, item by item: messages, calls, outputs, reasoning, function tools.
 * Whatever Chat cannot carry is left out with a warning, so that a disabled lowering shows.
 */
export function encodeRequest(request: CanonicalRequest, exchange: Exchange): ChatRequest {
  const { stream, text, reasoning, tool_choice: choice, parallel_tool_calls: parallel } = request;
  if (request.previous_response_id) throw withoutHistory();
  const body: ChatRequest = { model: exchange.model, messages: encodeInput(request, exchange) };
  if (stream) Object.assign(body, { stream: true, stream_options: { include_usage: true } });
  const tools = encodeTools(request, exchange);
  if (tools.length > 0) {
    body.tools = tools;
    if (choice != null) body.tool_choice = choice;
    if (parallel != null) body.parallel_tool_calls = parallel;
  }
  if (request.max_output_tokens != null) body.max_tokens = request.max_output_tokens;
  for (const field of SAMPLING) if (request[field] != null) body[field] = request[field];
  if (request.stop?.length) body['stop'] = request.stop.slice(0, MOST_STOPS);
  if ((request.stop?.length ?? 0) > MOST_STOPS) exchange.warn({ param: 'stop', reason: `only_${MOST_STOPS}_in_chat` });
  if (reasoning?.effort != null) body.reasoning_effort = reasoning.effort;
  const format = encodeFormat(text?.format);
  if (format) body.response_format = format;
  if (text?.verbosity != null) exchange.warn({ param: 'text.verbosity', reason: 'not_in_plain_chat' });
  if (asksLogprobs(request)) body['logprobs'] = true;
  if (request.top_logprobs) body['top_logprobs'] = request.top_logprobs;
  if (request.top_k != null) exchange.warn({ param: 'top_k', reason: 'not_in_plain_chat' });
  return body;
}

function encodeTools({ tools }: CanonicalRequest, exchange: Exchange): NonNullable<ChatRequest['tools']> {
  return (tools ?? []).filter((tool, at) => {
    if (tool.type !== 'function') exchange.warn({ param: `tools[${at}]`, reason: `${tool.type}_not_in_chat` });
    return tool.type === 'function';
  });
}

function encodeFormat(format: TextFormat | null | undefined): unknown {
  if (!format || format.type === 'text') return undefined;
  if (format.type === 'json_object') return { type: format.type };
  const { type, name = 'response', ...schema } = format;
  return { type, json_schema: { name, ...schema } };
}

function encodeInput({ instructions, input }: CanonicalRequest, exchange: Exchange): ChatMessage[] {
  if (instructions) exchange.warn({ param: 'instructions', reason: 'not_in_chat' });
  const messages: ChatMessage[] = [];
  // images and files wait for the last output: Chat has only text in outputs, and no message between them
  const shown: Content[] = [];
  for (const [at, item] of input.entries()) {
    if (shown.length > 0 && item.type !== 'function_call_output') messages.push({ role: 'user', content: encodeParts(shown.splice(0), exchange) });
    const message = encodeItem(item, at, shown, exchange);
    if (message) messages.push(message);
  }
  if (shown.length > 0) messages.push({ role: 'user', content: encodeParts(shown, exchange) });
  return messages;
}

function encodeItem(item: Item, at: number, shown: Content[], exchange: Exchange): ChatMessage | undefined {
  switch (item.type) {
    case 'message':
      return encodeMessage(item, exchange);
    case 'reasoning': {
      const text = textOf(item.content?.length ? item.content : item.summary);
      const sealed = item.encrypted_content;
      if (!text && !sealed) return undefined;
      return { role: 'assistant', content: null, ...(text && { reasoning_content: text }), ...(sealed && { reasoning_encrypted: sealed }) };
    }
    case 'function_call': {
      const call = { name: item.name, arguments: objectJson(item.arguments) };
      return { role: 'assistant', content: null, tool_calls: [{ id: item.call_id, type: 'function', function: call }] };
    }
    case 'function_call_output':
      return encodeOutput(item, shown);
    default:
      exchange.warn({ param: `input[${at}]`, reason: `${item.type}_not_in_chat` });
      return undefined;
  }
}

function encodeMessage({ role, content }: Message, exchange: Exchange): ChatMessage | undefined {
  if (role === 'assistant') {
    const text = textOf(content);
    return text ? { role, content: text } : undefined; // providers refuse an empty one
  }
  const plain = typeof content === 'string' || content.every((part) => 'text' in part);
  return { role, content: plain ? textOf(content) : encodeParts(content, exchange) };
}

function encodeOutput({ call_id, output }: FunctionCallOutput, shown: Content[]): ChatMessage {
  const parts: Content[] = typeof output === 'string' ? [{ type: 'input_text', text: output }] : output;
  const images = parts.filter((part) => part.type === 'input_image' || part.type === 'input_file');
  for (const image of images) shown.push(image);
  return {
    role: 'tool',
    tool_call_id: call_id,
    content: textOf(parts) || (images.length > 0 ? `[${images[0]?.type === 'input_file' ? 'file' : 'image'} attached below]` : '(no output)'),
  };
}

function encodeParts(parts: readonly Content[], exchange: Exchange): ChatPart[] {
  return parts.map((part) => {
    if (part.type === 'input_image' && part.image_url) {
      const detail = part.detail === 'original' ? 'high' : part.detail;
      return { type: 'image_url', image_url: { url: part.image_url, ...(detail && { detail }) } };
    }
    if (part.type === 'input_file' && part.file_data) {
      return { type: 'file', file: { ...(part.filename && { filename: part.filename }), file_data: part.file_data } };
    }
    if (part.type !== 'input_image' && part.type !== 'input_file') return { type: 'text', text: textOf([part]) };
    const kind = part.type === 'input_image' ? 'image' : 'file';
    exchange.warn({ param: part.type, reason: 'kept_by_another_provider' });
    return { type: 'text', text: `[${kind} omitted: it is kept by another provider]` };
  });
}
