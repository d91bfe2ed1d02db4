/** The wire APIs: OpenAI Responses, OpenAI Chat Completions, Anthropic Messages. */
export const DIALECTS = ['responses', 'chat', 'messages'] as const;
/**
 * One of the wire APIs.
 * @example const upstream: Dialect = exchange.upstream.dialect;
 */
export type Dialect = (typeof DIALECTS)[number];
/**
 * `native`: the provider speaks the client's dialect, and bytes pass through. `translated`: via the canonical form.
 * @example if (exchange.lane === 'native') return;
 */
export type Lane = 'native' | 'translated';
