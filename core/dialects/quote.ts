const PLAIN = /^[ !#-[\]-~]*$/;

/** JSON.stringify, twice as fast for text with nothing to escape. */
export function quote(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}
