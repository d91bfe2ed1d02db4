/** Returns undefined for invalid JSON. */
export function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/**
 * Writes U+FFFD for each half of a surrogate pair that stands alone in JSON text. A text that was cut inside an emoji
 * has one, and providers refuse it as invalid (claude-code#8514).
 */
export function wellFormedJson(json: string): string {
  if (!/\\ud[89a-f]/i.test(json)) return json;
  return json.replace(/\\(?:ud[89ab][\da-f]{2}\\ud[c-f][\da-f]{2}|(ud[89a-f][\da-f]{2})|.)/gi, (whole, half) => (half ? '\ufffd' : whole));
}
