/** The most characters of one text, and of a stack. */
const LONGEST = 2_000;
const LONGEST_STACK = 8_000;
/** The most elements of a list, fields of an object, and levels. */
const MOST = 200;
const DEEPEST = 6;
/** V8 quotes the text that it cannot parse, which may be a prompt. */
const QUOTED_JSON = /(?:Unexpected token '.{1,2}', )?(?:\.\.\.)?"[\s\S]{0,80}?"(?:\.\.\.)? is not valid JSON/gu;

/**
 * Returns the fields of a log line in a form that is safe to write: texts and lists are cut, bytes are only counted, and
 * of an error only what is known to describe it is kept. Node attaches the bytes it could not parse to its errors.
 */
export function logFields(fields: object): Record<string, unknown> {
  return bounded(fields, DEEPEST) as Record<string, unknown>;
}

/** Cuts a text, and takes out what V8 quotes of the JSON that it cannot parse. */
export function logWords(text: string, longest = LONGEST): string {
  const words = text.length > 2 * longest ? text.slice(0, 2 * longest) : text;
  const plain = words.includes('is not valid JSON') ? words.replace(QUOTED_JSON, 'the text is not valid JSON') : words;
  return plain.length > longest || words.length < text.length ? `${plain.slice(0, longest)}… (${text.length} characters)` : plain;
}

function bounded(value: unknown, levels: number): unknown {
  if (typeof value === 'string') return logWords(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return errorFields(value);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return value;
  if (levels === 0) return '[…]';
  if (Array.isArray(value)) {
    const listed = value.slice(0, MOST).map((each) => bounded(each, levels - 1));
    return value.length > MOST ? [...listed, `… (${value.length} elements)`] : listed;
  }
  const entries = Object.entries(value);
  return Object.fromEntries(entries.slice(0, MOST).map(([name, each]) => [logWords(name, 200), bounded(each, levels - 1)]));
}

function errorFields(error: Error): Record<string, unknown> {
  const { code, status, syscall, details } = error as Error & Record<string, unknown>;
  const { plugin, param, upstreamStatus } = (typeof details === 'object' && details !== null ? details : {}) as Record<string, unknown>;
  const causes = causesOf(error);
  return {
    type: error.constructor?.name || error.name,
    message: wordsOf(causes),
    stack: causes.map(({ stack, message }) => logWords(stack ?? message, LONGEST_STACK)).join('\ncaused by: '),
    ...(bounded({ code, status, syscall, plugin, param, upstreamStatus }, 1) as object),
  };
}

/** The messages of an error and its causes; one that an earlier message repeats already is left out. */
function wordsOf(causes: readonly Error[]): string {
  const words = causes.map(({ message }) => logWords(message));
  return words.filter((each, at) => !words.slice(0, at).some((earlier) => earlier.includes(each))).join(': ');
}

/** The error and what caused it, at most five of them: a cause may point to itself. */
function causesOf(error: Error): Error[] {
  const causes: Error[] = [];
  for (let each: unknown = error; each instanceof Error && causes.length < 5; each = each.cause) causes.push(each);
  return causes;
}
