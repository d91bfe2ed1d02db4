/** The end of an answer. */
export type Finish = 'stop' | 'length' | 'content_filter' | 'failed' | 'overflow';

/** Finish reasons in use among providers; case does not count. */
export const FINISH = new Map<string, Finish>([
  ...(['stop', 'end', 'eos', 'tool_calls', 'function_call', 'tool_use'] as const).map((word) => [word, 'stop'] as const),
  ...(['length', 'max_tokens', 'model_length'] as const).map((word) => [word, 'length'] as const),
  ...(['content_filter', 'sensitive', 'refusal'] as const).map((word) => [word, 'content_filter'] as const),
  ...(['error', 'network_error', 'insufficient_system_resource'] as const).map((word) => [word, 'failed'] as const),
  ['model_context_window_exceeded', 'overflow'],
]);
