import type { Usage } from '../../../contract/canonical.ts';
import type { MessagesUsage } from '../../../kit/messages-wire.ts';
import { asCount } from '../../tolerant.ts';

const COUNTS = ['input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens', 'output_tokens'] as const;

/** Joins the counts sent at the beginning and at the end; some providers send zeros at one of the two. */
export function laterUsage(earlier: MessagesUsage | null | undefined, later: MessagesUsage | null | undefined): MessagesUsage | null | undefined {
  if (!earlier || !later) return later ?? earlier;
  const joined: MessagesUsage = { ...earlier, ...later };
  for (const name of COUNTS) joined[name] = later[name] || (earlier[name] ?? null);
  return joined;
}

/** Usage of an answer; undefined if all counts are zero. Messages counts cached input apart from the rest. */
export function decodeUsage(usage: MessagesUsage | null | undefined): Usage | undefined {
  if (!usage) return undefined;
  const cached = asCount(usage.cache_read_input_tokens);
  const written = asCount(usage.cache_creation_input_tokens);
  const decoded = {
    input_tokens: asCount(usage.input_tokens) + cached + written,
    cached_tokens: cached,
    ...(written > 0 && { cache_write_tokens: written }),
    output_tokens: asCount(usage.output_tokens),
    reasoning_tokens: asCount(usage.output_tokens_details?.thinking_tokens),
  };
  return decoded.input_tokens + decoded.output_tokens > 0 ? decoded : undefined;
}
