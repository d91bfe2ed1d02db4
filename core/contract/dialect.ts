/** The wire APIs: OpenAI Responses, OpenAI Chat Completions, Anthropic Messages. */
export const DIALECTS = ['responses', 'chat', 'messages'] as const;
export type Dialect = (typeof DIALECTS)[number];
/** `native`: the provider speaks the client's dialect, and bytes pass. `translated`: through the canonical form. */
export type Lane = 'native' | 'translated';
