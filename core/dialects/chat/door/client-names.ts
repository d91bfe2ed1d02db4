import type { ClientNames } from '../../origin.ts';
import type { ChatBody, DoorPart } from './door-body.ts';

const FUNCTION = { name: 'function.name', description: 'function.description', parameters: 'function.parameters', strict: 'function.strict' };
const CUSTOM = { name: 'custom.name', description: 'custom.description', format: 'custom.format' };
const FLAT = { name: 'name', description: 'description', parameters: 'parameters', strict: 'strict' };
const FILE = { filename: 'filename', file_data: 'file_data', file_url: 'file_url', file_id: 'file_id' };
const FILE_WITHIN = { filename: 'file.filename', file_data: 'file.file_data', file_url: 'file.file_url', file_id: 'file.file_id' };

/** A Chat client's names for the fields of the items and tools that its messages become. */
export const NAMES = {
  message: { content: 'content' },
  reasoning: { encrypted_content: 'reasoning_details' },
  call: { call_id: 'id', name: 'function.name', arguments: 'function.arguments' },
  customCall: { call_id: 'id', name: 'custom.name', input: 'custom.input' },
  legacyCall: { name: 'name', arguments: 'arguments' },
  output: { call_id: 'tool_call_id', output: 'content' },
  tool: { function: FUNCTION, custom: CUSTOM, legacy: FLAT },
} as const;

/** A Chat client's names for the fields of a content part. */
export function partNames(part: DoorPart): ClientNames {
  switch (part.type) {
    case 'image_url':
    case 'input_image':
      return typeof part.image_url === 'object' ? { image_url: 'image_url.url', detail: 'image_url.detail' } : { image_url: 'image_url', detail: 'detail' };
    case 'file':
      return FILE_WITHIN;
    case 'input_file':
      return FILE;
    default:
      return { text: 'text' };
  }
}

/**
 * A Chat client's names for the fields beside the messages: of several spellings, the one this client uses. Maps the
 * spellings of a provider's body, too.
 */
export function bodyNames(body: ChatBody): ClientNames {
  const used = <First extends keyof ChatBody>(first: First, ...others: (keyof ChatBody)[]) => [first, ...others].find((name) => body[name] != null) ?? first;
  const tokens = used('max_completion_tokens', 'max_tokens');
  const effort = body.reasoning_effort == null && body.reasoning?.effort != null ? 'reasoning.effort' : used('reasoning_effort', 'model_reasoning_effort');
  const words = body.verbosity == null && body.text?.verbosity != null ? 'text.verbosity' : used('verbosity', 'text_verbosity', 'model_verbosity');
  return {
    input: 'messages',
    instructions: 'messages',
    input_image: 'image_url',
    input_file: 'file',
    max_output_tokens: tokens,
    max_completion_tokens: tokens,
    max_tokens: tokens,
    reasoning: body.reasoning == null ? effort : 'reasoning',
    'reasoning.effort': effort,
    'reasoning.summary': 'reasoning.summary',
    'text.format': 'response_format',
    'text.format.schema': 'response_format.json_schema.schema',
    'text.verbosity': words,
    safety_identifier: used('safety_identifier', 'user'),
    tool_choice: used('tool_choice', 'function_call'),
  };
}
