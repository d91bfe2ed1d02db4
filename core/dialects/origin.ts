/** A client's names for the fields of a canonical part: `arguments` is its `function.arguments`. */
export type ClientNames = Readonly<Record<string, string>>;

interface Origin {
  readonly path: string;
  readonly names: ClientNames;
}
type Placed = { readonly [field: string]: unknown; [ORIGIN]?: Origin };

/** A symbol stays out of JSON, but survives a plugin's copy with `...`. */
const ORIGIN = Symbol('origin');

/**
 * Notes where in the client's body a part of the canonical form came from; a request stands at ''. A field without an
 * entry in `names` has no place of its own there.
 */
export function markOrigin<Part extends object>(part: Part, path: string, names: ClientNames = {}): Part {
  (part as Placed)[ORIGIN] = { path, names };
  return part;
}

/**
 * Spells `input[3].content[1]` of a request as the client does, as exactly as is known. A part that the client did not
 * send gets the path of the list it is in.
 */
export function clientPath(request: object, path: string): string {
  const root = (request as Placed)[ORIGIN];
  if (!root) return path;
  const steps = path.split(/[.[\]]+/).filter(Boolean);
  let [origin, rest] = [root, steps];
  let at: unknown = request;
  for (const [depth, step] of steps.entries()) {
    at = typeof at === 'object' && at !== null && Object.hasOwn(at, step) ? (at as Placed)[step] : undefined;
    const own = (at as Placed | undefined)?.[ORIGIN];
    if (own) [origin, rest] = [own, steps.slice(depth + 1)];
  }
  const name = nameOf(rest, origin.names);
  if (origin !== root) return name ? `${origin.path}.${name}` : origin.path;
  const [list = '', index = ''] = steps;
  return name ?? (/^\d+$/.test(index) ? list : path);
}

/** The client's name of the longest prefix that has one. */
function nameOf(steps: readonly string[], names: ClientNames): string | undefined {
  const known = steps.map((_, at) => steps.slice(0, at + 1).join('.')).findLast((field) => Object.hasOwn(names, field));
  return known === undefined ? undefined : names[known];
}
