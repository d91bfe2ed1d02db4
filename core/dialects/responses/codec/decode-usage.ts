import type { Usage } from '../../../contract/canonical.ts';
import { asCount } from '../../tolerant.ts';
import type { ResponsesUsage } from './upstream-wire.ts';

/**
 * Usage of a response; undefined if all counts are zero. Some providers count cached input apart from the rest, which
 * shows if it is the larger number.
 */
export function decodeUsage(usage: ResponsesUsage | null | undefined): Usage | undefined {
  if (!usage) return undefined;
  const input = asCount(usage.input_tokens);
  const cached = asCount(usage.input_tokens_details?.cached_tokens);
  const written = asCount(usage.input_tokens_details?.cache_write_tokens);
  const decoded = {
    input_tokens: cached > input ? input + cached : input,
    cached_tokens: cached,
    ...(written > 0 && { cache_write_tokens: written }),
    output_tokens: asCount(usage.output_tokens),
    reasoning_tokens: asCount(usage.output_tokens_details?.reasoning_tokens),
  };
  return decoded.input_tokens + decoded.output_tokens > 0 ? decoded : undefined;
}
