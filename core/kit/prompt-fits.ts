import type { TokenNumbers } from '../contract/errors.ts';

/**
 * True if the prompt itself fits into the window, and only the answer that the request asks for does not.
 * @example if (promptFits(error.details.tokens)) exchange.log.debug('a shorter answer would fit');
 */
export function promptFits({ window, prompt, completion }: TokenNumbers = {}): boolean {
  return window !== undefined && prompt !== undefined && completion !== undefined && prompt < window && prompt + completion > window;
}
