const [CR, BLANK, OPEN, CLOSE] = [13, 32, 123, 125];

/**
 * True if each line of data begins and ends like an object. Anything else has to be read: an end mark, `null`, garbage,
 * an object on several lines, a line `error: …`.
 */
export function isPlain(events: string): boolean {
  for (let at = 0; at < events.length; ) {
    const lf = events.indexOf('\n', at);
    const end = lf < 0 ? events.length : lf;
    if (events.startsWith('data:', at)) {
      const first = events.charCodeAt(at + 5) === BLANK ? at + 6 : at + 5;
      const last = events.charCodeAt(end - 1) === CR ? end - 2 : end - 1;
      if (events.charCodeAt(first) !== OPEN || events.charCodeAt(last) !== CLOSE) return false;
    } else if (events.startsWith('error:', at)) return false;
    at = end + 1;
  }
  return true;
}
