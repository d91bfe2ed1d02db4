const [LF, CR, COLON] = [10, 13, 58];
/** The line that names an event which only keeps a connection open. */
const PING = /^event: ?(ping|keepalive)$/;
const LONGEST_PING = 'event: keepalive'.length;

/**
 * True for whole events that hold comments and pings only, which are no progress. One pass over the lines, which stops
 * at the first line of an answer: a pattern with repeats inside repeats would take exponential time.
 */
export function isSilence(part: Buffer): boolean {
  let pinged = false;
  for (let at = 0; at < part.length; at++) {
    const first = part[at];
    if (first === CR && part[at + 1] === LF) at++;
    if (first === CR || first === LF) {
      pinged = false;
      continue;
    }
    const isData = pinged && part.toString('latin1', at, at + 5) === 'data:';
    const end = first === COLON || isData ? lineEnd(part, at, part.length) : lineEnd(part, at, at + LONGEST_PING + 1);
    if (first !== COLON && !isData) {
      if (!PING.test(part.toString('latin1', at, end))) return false;
      pinged = true;
    }
    at = part[end] === CR && part[end + 1] === LF ? end + 1 : end;
  }
  return true;
}

function lineEnd(part: Buffer, from: number, limit: number): number {
  let at = from;
  while (at < limit && at < part.length && part[at] !== LF && part[at] !== CR) at++;
  return at;
}
