import { z } from 'zod';
import type { Plugin } from '../core/contract/plugin.ts';
import { findMarker, mayMark } from '../core/kit/marker-scanner.ts';
import { parseOptions } from '../core/kit/options.ts';
import { type Piece, rewriteText, type TextReader } from '../core/kit/text-items.ts';

/** The opening and the closing tag of each kind of block; the third is Kimi's, and the last Kimi K3's. */
const BLOCKS: readonly [string, string][] = [
  ['<think>', '</think>'],
  ['<thinking>', '</thinking>'],
  ['◁think▷', '◁/think▷'],
  ['<|open|>think<|sep|>', '<|close|>think<|sep|>'],
];

/** The blocks that one text may hold. A client gets several events for each; the rest of the text stays as it is. */
const MOST_BLOCKS = 64;

const Options = z.strictObject({
  /** Further tags by name, such as `thought`. */
  tags: z.array(z.string().regex(/^[\w-]+$/, 'expected the name of a tag')).default([]),
});

/** Moves text between `<think>` tags out of the answer and into the reasoning. */
export function thinkTags(options: z.input<typeof Options> = {}): Plugin {
  const { tags } = parseOptions('think-tags', Options, options);
  const blocks = new Map([...BLOCKS, ...tags.map((tag): [string, string] => [`<${tag}>`, `</${tag}>`])]);
  const closers = new Map([...blocks].map(([opener, closer]) => [opener, [closer]]));
  const markers: Markers = { closers, openers: [...blocks.keys()], all: [...blocks.keys(), ...blocks.values()] };
  return { name: 'think-tags', upstream: 'chat', event: rewriteText('think-tags', () => new ThinkReader(markers)) };
}

interface Markers {
  /** The closing tag of each opening one, as a list. */
  closers: ReadonlyMap<string, readonly string[]>;
  openers: readonly string[];
  /** Includes the closing tags, because the opening one may be part of the prompt. */
  all: readonly string[];
}

const NONE: readonly string[] = [];

class ThinkReader implements TextReader {
  readonly #markers: Markers;
  #held = '';
  /** The closing tag of the open block. */
  #closer: readonly string[] | undefined;
  #blocks = 0;
  /** The last character of the visible text; blank text does not count as visible. */
  #last = '';
  #visible = false;

  constructor(markers: Markers) {
    this.#markers = markers;
  }

  read(text: string): Piece[] {
    this.#held += text;
    const pieces: Piece[] = [];
    for (;;) {
      const { at, marker } = findMarker(this.#held, this.#expected);
      // until the text before it is taken, a closing tag may still follow visible text
      const blank = this.#visible || this.#closer !== undefined || this.#held.slice(0, at).trim() === '';
      this.#take(at, pieces);
      if (!blank) continue;
      if (marker === undefined) return pieces;
      this.#mark(marker, pieces);
    }
  }

  get #expected(): readonly string[] {
    if (this.#closer) return this.#closer;
    if (this.#blocks >= MOST_BLOCKS) return NONE;
    return this.#visible ? this.#markers.openers : this.#markers.all;
  }

  passes(text: string): boolean {
    if (this.#held !== '' || this.#closer !== undefined || !this.#visible || mayMark(text)) return false;
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
    this.#closer = this.#markers.closers.get(marker);
    if (this.#closer) this.#blocks++;
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
