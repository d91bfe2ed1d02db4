import type { ClientNames } from '../../origin.ts';
import type { DoorRequest } from './door-body.ts';

/** A Messages client's names for the fields of the items and tools that its blocks become. */
export const NAMES = {
  message: { content: 'content' },
  image: { base64: { image_url: 'source.data' }, url: { image_url: 'source.url' } },
  document: { base64: { file_data: 'source.data', filename: 'title' }, url: { file_url: 'source.url' } },
  thinking: { encrypted_content: 'signature' },
  redacted: { encrypted_content: 'data' },
  call: { call_id: 'id', name: 'name', arguments: 'input' },
  output: { call_id: 'tool_use_id', output: 'content' },
  tool: { name: 'name', description: 'description', parameters: 'input_schema', strict: 'strict' },
} as const;

/** A Messages client's names for the fields beside the messages. Maps the spellings of a provider's body, too. */
export function bodyNames({ thinking, output_config: config, output_format, speed }: DoorRequest): ClientNames {
  const effort =
    thinking?.type === 'disabled' ? 'thinking' : thinking?.type === 'enabled' && !config?.effort ? 'thinking.budget_tokens' : 'output_config.effort';
  const format = output_format && !config?.format ? 'output_format' : 'output_config.format';
  return {
    input: 'messages',
    instructions: 'system',
    input_image: 'image',
    input_file: 'document',
    max_output_tokens: 'max_tokens',
    max_completion_tokens: 'max_tokens',
    stop: 'stop_sequences',
    reasoning: 'thinking',
    'reasoning.effort': effort,
    reasoning_effort: effort,
    'reasoning.summary': 'thinking.display',
    include: 'thinking',
    'text.format': format,
    'text.format.schema': `${format}.schema`,
    response_format: format,
    safety_identifier: 'metadata.user_id',
    prompt_cache_key: 'metadata.user_id',
    parallel_tool_calls: 'tool_choice.disable_parallel_tool_use',
    service_tier: speed === 'fast' ? 'speed' : 'service_tier',
  };
}
