import type { Logprob } from '../contract/canonical.ts';

/**
 * Keeps the log probabilities of a text's tokens while parts of the text are held back. A token goes out with the
 * piece in which it begins.
 */
export class HeldTokens {
  #tokens: Logprob[] = [];
  /** Tokens up to here are sent. */
  #sent = 0;
  /** The number of characters that are held back. */
  #held = 0;
  /** The number of characters by which the tokens sent so far are longer than the text sent so far. */
  #ahead = 0;

  add(characters: number, logprobs: readonly Logprob[] | undefined): void {
    this.#held += characters;
    if (logprobs) for (const each of logprobs) this.#tokens.push(each);
  }

  /**
   * Returns the tokens of the next characters, or all that are left if no text is held back any longer. Undefined if
   * the provider reported none.
   */
  take(characters: number): Logprob[] | undefined {
    this.#held -= characters;
    this.#ahead -= characters;
    const from = this.#sent;
    for (; this.#sent < this.#tokens.length && (this.#ahead < 0 || this.#held <= 0); this.#sent++) this.#ahead += this.#tokens[this.#sent]?.token.length ?? 0;
    // a token is not always as long as its text: both are in step again once nothing is held back
    this.#ahead = this.#held <= 0 ? 0 : Math.max(0, this.#ahead);
    if (this.#sent === from) return undefined;
    const taken = this.#tokens.slice(from, this.#sent);
    if (this.#sent === this.#tokens.length) [this.#tokens, this.#sent] = [[], 0];
    return taken;
  }
}
