import { findMarker, MARKER_START } from '../core/marker-scanner.ts';
import type { Plugin } from '../core/plugin.ts';
import { type Piece, rewriteText, type TextReader } from '../core/text-items.ts';

/** How each kind of block ends, by how it begins; the third is Kimi's. */
const BLOCKS = new Map([
  ['<think>', '</think>'],
  ['<thinking>', '</thinking>'],
  ['◁think▷', '◁/think▷'],
]);
const OPENERS = [...BLOCKS.keys()];
const CLOSERS = [...BLOCKS.values()];

/** Takes what a model thought between `<think>` tags out of its text, and hands it on as reasoning. */
export function thinkTags(): Plugin {
  return { name: 'think-tags', upstream: 'chat', event: rewriteText('think-tags', () => new ThinkReader()) };
}

class ThinkReader implements TextReader {
  #held = '';
  /** What ends the block that is open. */
  #closer: string | undefined;
  /** What the visible text ends with; blank text leaves nothing to see. */
  #last = '';
  #visible = false;

  read(text: string): Piece[] {
    this.#held += text;
    const pieces: Piece[] = [];
    for (;;) {
      const { at, marker } = findMarker(this.#held, this.#closer ? [this.#closer] : this.#visible ? OPENERS : [...OPENERS, ...CLOSERS]);
      // until the text before is taken, a closing tag may yet stand behind something visible
      const blank = this.#visible || this.#closer !== undefined || this.#held.slice(0, at).trim() === '';
      this.#take(at, pieces);
      if (!blank) continue;
      if (marker === undefined) return pieces;
      this.#mark(marker, pieces);
    }
  }

  passes(text: string): boolean {
    if (this.#held !== '' || this.#closer !== undefined || !this.#visible || MARKER_START.test(text)) return false;
    this.#last = text.at(-1) ?? this.#last;
    return true;
  }

  end(): Piece[] {
    const pieces: Piece[] = [];
    this.#take(this.#held.length, pieces);
    return pieces;
  }

  #mark(marker: string, pieces: Piece[]): void {
    if (this.#last === '`') return this.#take(marker.length, pieces); // the model writes about the tag
    this.#held = this.#held.slice(marker.length);
    this.#closer = BLOCKS.get(marker);
  }

  #take(length: number, pieces: Piece[]): void {
    const text = this.#held.slice(0, length);
    if (text === '') return;
    this.#held = this.#held.slice(length);
    pieces.push({ type: this.#closer ? 'reasoning' : 'text', text });
    if (this.#closer) return;
    this.#last = text.at(-1) ?? '';
    this.#visible ||= text.trim() !== '';
  }
}
