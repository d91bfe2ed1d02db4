/**
 * Watches JSON that arrives in pieces, and tells when it is complete. Each piece is read once: to parse everything
 * again at each piece would take quadratic time.
 */
export class GrowingJson {
  #unread: string[] = [];
  #depth = 0;
  #quoted = false;
  #escaped = false;
  /** `over`: something follows the value, or it is neither an object, a list nor a string. */
  #state: 'open' | 'closed' | 'over' = 'open';
  #valid: boolean | undefined;

  add(piece: string): void {
    if (this.#state !== 'over') this.#unread.push(piece);
  }

  /** True if nothing can follow. `text`: all pieces so far, which the caller keeps. */
  isWhole(text: string): boolean {
    for (const piece of this.#unread.splice(0)) this.#read(piece);
    if (this.#state !== 'closed') return false;
    this.#valid ??= isWhole(text);
    return this.#valid;
  }

  #read(piece: string): void {
    for (let at = 0; at < piece.length && this.#state !== 'over'; at++) {
      const character = piece[at] as string;
      if (this.#quoted) this.#readText(character);
      else if (!BLANK.has(character)) this.#readSign(character);
    }
  }

  #readText(character: string): void {
    if (this.#escaped) this.#escaped = false;
    else if (character === '\\') this.#escaped = true;
    else if (character === '"') {
      this.#quoted = false;
      if (this.#depth === 0) this.#state = 'closed';
    }
  }

  #readSign(character: string): void {
    if (this.#state === 'closed') this.#state = 'over';
    else if (character === '"') this.#quoted = true;
    else if (character === '{' || character === '[') this.#depth++;
    else if (this.#depth === 0) this.#state = 'over';
    else if ((character === '}' || character === ']') && --this.#depth === 0) this.#state = 'closed';
  }
}

const BLANK = new Set([' ', '\t', '\n', '\r']);

/** True if arguments are complete JSON, so that nothing can follow. */
export function isWhole(json: string): boolean {
  if (json === '') return false;
  try {
    JSON.parse(json);
    return true;
  } catch {
    return false;
  }
}
