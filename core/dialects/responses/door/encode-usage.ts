import type { Usage } from '../../../contract/canonical.ts';

/** Usage of a response as JSON. Always has all three objects: Codex refuses a details object without its number. */
export function encodeUsage(usage: Usage | undefined): string {
  if (!usage) return 'null';
  const { input_tokens, cached_tokens, cache_write_tokens, output_tokens, reasoning_tokens } = usage;
  const cache = { cached_tokens, ...(cache_write_tokens && { cache_write_tokens }) };
  const details = { input_tokens_details: cache, output_tokens_details: { reasoning_tokens } };
  return JSON.stringify({ input_tokens, output_tokens, ...details, total_tokens: input_tokens + output_tokens });
}
