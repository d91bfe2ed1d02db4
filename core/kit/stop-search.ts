/** A stop sequence, prepared for searches. */
interface Stop {
  readonly stop: string;
  /** For each number of matched characters, how many still match when the next one does not. */
  readonly fallback: Uint16Array;
}
/** How far a text has got into one stop sequence. */
interface Progress extends Stop {
  /** The number of characters at the end of the text that begin the sequence. */
  matched: number;
  /** The position at which it occurred first. */
  at: number | undefined;
}

/** Prepares stop sequences, once for all texts. None may be empty or longer than 65,535 characters. */
export function prepareStops(stops: readonly string[]): readonly Stop[] {
  return stops.map((stop) => ({ stop, fallback: fallbackOf(stop) }));
}

/**
 * Searches a text that arrives in pieces for stop sequences. Each piece is read once (Knuth, Morris and Pratt): to
 * search the held text again at each piece would take quadratic time.
 */
export class StopSearch {
  readonly #stops: Progress[];
  #length = 0;

  constructor(stops: readonly Stop[]) {
    this.#stops = stops.map((stop) => ({ ...stop, matched: 0, at: undefined }));
  }

  /**
   * Returns the number of characters at the end of the text that must be held back, and the stop sequence with which
   * they begin, if it is certain that no other one begins earlier.
   */
  read(piece: string): { held: number; stop?: string } {
    this.#length += piece.length;
    let begun = this.#length;
    let first = this.#length;
    let stop: string | undefined;
    for (const progress of this.#stops) {
      if (progress.at === undefined) advance(progress, piece, this.#length - piece.length);
      if (progress.at !== undefined && progress.at < first) [first, stop] = [progress.at, progress.stop];
      begun = Math.min(begun, this.#length - progress.matched);
    }
    return stop !== undefined && first <= begun ? { held: this.#length - first, stop } : { held: this.#length - begun };
  }
}

function advance(progress: Progress, piece: string, before: number): void {
  const { stop, fallback } = progress;
  const begin = stop[0] as string;
  let { matched } = progress;
  for (let at = 0; at < piece.length; at++) {
    if (matched === 0) {
      at = piece.indexOf(begin, at);
      if (at < 0) break;
    }
    const character = piece[at];
    while (matched > 0 && stop[matched] !== character) matched = fallback[matched] as number;
    if (stop[matched] === character) matched++;
    if (matched < stop.length) continue;
    progress.at = before + at + 1 - stop.length;
    matched = 0;
    break;
  }
  progress.matched = matched;
}

function fallbackOf(stop: string): Uint16Array {
  const fallback = new Uint16Array(stop.length + 1);
  for (let at = 1, matched = 0; at < stop.length; at++) {
    while (matched > 0 && stop[at] !== stop[matched]) matched = fallback[matched] as number;
    if (stop[at] === stop[matched]) matched++;
    fallback[at + 1] = matched;
  }
  return fallback;
}
