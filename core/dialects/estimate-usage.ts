import type { Usage } from '../contract/canonical.ts';

const CHARACTERS_PER_TOKEN = 4;

/** Estimates usage for a provider that reports none: a client that believes in zero would never compact. */
export function estimateUsage(inputCharacters: number, outputCharacters: number): Usage {
  const tokens = (characters: number) => Math.ceil(characters / CHARACTERS_PER_TOKEN);
  return { input_tokens: tokens(inputCharacters), cached_tokens: 0, output_tokens: tokens(outputCharacters), reasoning_tokens: 0, estimated: true };
}
