import type { Usage } from '../../../contract/canonical.ts';
import type { MessagesUsage } from '../../../kit/messages-wire.ts';
import { asCount } from '../../tolerant.ts';

const COUNTS = ['input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens', 'output_tokens'] as const;

/** Counts are told at the beginning and again at the end; some providers tell zeros at one of the two. */
export function laterUsage(earlier: MessagesUsage | null | undefined, later: MessagesUsage | null | undefined): MessagesUsage | null | undefined {
  if (!earlier || !later) return later ?? earlier;
  const joined: MessagesUsage = { ...earlier, ...later };
  for (const name of COUNTS) joined[name] = later[name] || (earlier[name] ?? null);
  return joined;
}

/** Undefined where all is zero. Messages counts what came from the cache apart from the rest of the input. */
export function decodeUsage(usage: MessagesUsage | null | undefined): Usage | undefined {
  if (!usage) return undefined;
  const cached = asCount(usage.cache_read_input_tokens);
  const written = asCount(usage.cache_creation_input_tokens);
  const told = {
    input_tokens: asCount(usage.input_tokens) + cached + written,
    cached_tokens: cached,
    ...(written > 0 && { cache_write_tokens: written }),
    output_tokens: asCount(usage.output_tokens),
    reasoning_tokens: asCount(usage.output_tokens_details?.thinking_tokens),
  };
  return told.input_tokens + told.output_tokens > 0 ? told : undefined;
}
