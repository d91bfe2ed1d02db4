import type { Usage } from '../../../contract/canonical.ts';
import type { ChatUsage } from '../../../contract/chat-wire.ts';
import { asCount } from '../../tolerant.ts';

/**
 * Usage of an answer; undefined if all counts are zero: some providers count nothing, and a client that believed them
 * would never compact.
 */
export function decodeUsage(usage: ChatUsage): Usage | undefined {
  const written = asCount(usage.prompt_tokens_details?.cache_write_tokens);
  const decoded = {
    input_tokens: asCount(usage.prompt_tokens),
    cached_tokens: asCount(usage.prompt_tokens_details?.cached_tokens ?? usage.prompt_cache_hit_tokens ?? usage.cached_tokens),
    ...(written > 0 && { cache_write_tokens: written }),
    output_tokens: asCount(usage.completion_tokens),
    reasoning_tokens: asCount(usage.completion_tokens_details?.reasoning_tokens),
  };
  return decoded.input_tokens + decoded.output_tokens > 0 ? decoded : undefined;
}
