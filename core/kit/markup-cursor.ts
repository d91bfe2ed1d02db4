import type { LeakedCall, Markup } from './marker-scanner.ts';

class Undecided extends Error {}
class Malformed extends Error {}

/** Reads a text that begins with markup; `read` returns the calls in it, and the cursor stands behind them. */
export function readMarkup(text: string, read: (cursor: MarkupCursor) => LeakedCall[]): Markup {
  const cursor = new MarkupCursor(text);
  try {
    const calls = read(cursor);
    return { length: cursor.at, calls };
  } catch (thrown) {
    if (thrown instanceof Undecided) return 'more';
    if (thrown instanceof Malformed) return 'malformed';
    throw thrown;
  }
}

/** Steps through markup. A text that ends too early is undecided; any other surprise means that it is no markup. */
export class MarkupCursor {
  at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** Steps over the first of these tags that stands next, behind blanks, and returns it. */
  skip(...tags: readonly string[]): string | undefined {
    while (/\s/.test(this.#text[this.at] ?? '')) this.at++;
    const tag = tags.find((each) => this.#text.startsWith(each, this.at));
    if (tag !== undefined) this.at += tag.length;
    else if (this.#mayBecome(tags)) throw new Undecided();
    return tag;
  }

  /** Like `skip`; one of the tags must stand there. */
  expect(...tags: readonly string[]): string {
    return this.skip(...tags) ?? this.fail();
  }

  /** Returns the text up to a tag, and steps over both. Where `nested` matches inside it, the model writes about markup. */
  upTo(tag: string, nested: RegExp): string {
    const end = this.#text.indexOf(tag, this.at);
    const text = end < 0 ? withoutBeginning(this.#text.slice(this.at), tag) : this.#text.slice(this.at, end);
    if (nested.test(text)) this.fail();
    if (end < 0) throw new Undecided();
    this.at = end + tag.length;
    return text;
  }

  /** Ends the reading: this is no markup. */
  fail(): never {
    throw new Malformed();
  }

  /** Parses a value. */
  json(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch {
      return this.fail();
    }
  }

  #mayBecome(tags: readonly string[]): boolean {
    const rest = this.#text.slice(this.at, this.at + Math.max(...tags.map(({ length }) => length)));
    return tags.some((tag) => tag.startsWith(rest));
  }
}

/** Takes off what may become the tag. */
function withoutBeginning(text: string, tag: string): string {
  for (let length = Math.min(tag.length - 1, text.length); length > 0; length--) if (tag.startsWith(text.slice(-length))) return text.slice(0, -length);
  return text;
}
