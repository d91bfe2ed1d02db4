import type { Logprob } from '../contract/canonical.ts';

/** How likely the tokens of a text were, while parts of the text are held back: a token is told with the piece it begins in. */
export class HeldTokens {
  readonly #tokens: Logprob[] = [];
  /** Characters that are held back. */
  #held = 0;
  /** By how many characters the tokens that were told are longer than the text that was. */
  #ahead = 0;

  add(characters: number, logprobs: readonly Logprob[] | undefined): void {
    this.#held += characters;
    if (logprobs) for (const each of logprobs) this.#tokens.push(each);
  }

  /** What goes with so many characters more: all there is, where none is held back any longer. Undefined where nobody told. */
  take(characters: number): Logprob[] | undefined {
    this.#held -= characters;
    this.#ahead -= characters;
    let count = 0;
    for (; count < this.#tokens.length && (this.#ahead < 0 || this.#held <= 0); count++) this.#ahead += this.#tokens[count]?.token.length ?? 0;
    // a token is not always spelt as its text: where nothing is held they are even again
    this.#ahead = this.#held <= 0 ? 0 : Math.max(0, this.#ahead);
    return count > 0 ? this.#tokens.splice(0, count) : undefined;
  }
}
