import type { Usage } from '../../../contract/canonical.ts';
import type { ClientHeaders } from '../../../contract/exchange.ts';

const CHARACTERS_PER_TOKEN = 4;

/** Usage as Messages has it: tokens read from a cache, or written to it, do not count as input. */
export function encodeUsage({ input_tokens, cached_tokens, cache_write_tokens = 0, output_tokens, reasoning_tokens }: Usage): object {
  return {
    input_tokens: Math.max(0, input_tokens - cached_tokens - cache_write_tokens),
    cache_creation_input_tokens: cache_write_tokens,
    cache_read_input_tokens: cached_tokens,
    output_tokens,
    output_tokens_details: { thinking_tokens: reasoning_tokens },
  };
}

/** Estimates usage for the beginning of a stream, where clients need numbers: the right ones come with its end. */
export function estimateUsage({ 'content-length': bytes }: ClientHeaders): object {
  const input = Math.ceil(Number(bytes ?? 0) / CHARACTERS_PER_TOKEN) || 0;
  return { input_tokens: input, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 0 };
}
