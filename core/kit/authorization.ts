import type { Dialect } from '../contract/dialect.ts';
import type { PresetFacts } from '../contract/facts.ts';

/** Returns the header that carries the key to the preset's endpoint of this dialect. */
export function authorizationOf({ auth = 'bearer', apiKey }: Pick<PresetFacts, 'auth'> & { apiKey?: string }, dialect: Dialect): Record<string, string> {
  if (!apiKey) return {};
  const form = typeof auth === 'string' ? auth : (auth[dialect] ?? 'bearer');
  return form === 'bearer' ? { authorization: `Bearer ${apiKey}` } : { 'x-api-key': apiKey };
}
