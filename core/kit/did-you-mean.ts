import { closestMatch } from 'leven';

/** The distance of a typing error or two. Anything further away is another word. */
const FURTHEST = 3;

/** Finds the name of a closed list that the user probably meant. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  const lower = name.toLowerCase();
  const spelled = new Map(names.map((each) => [each.toLowerCase(), each]));
  const start = names.filter((each) => lower.length > 2 && (each.toLowerCase().startsWith(lower) || lower.startsWith(each.toLowerCase())));
  if (start.length === 1) return start[0];
  const nearest = closestMatch(lower, [...spelled.keys()], { maxDistance: Math.min(FURTHEST, Math.ceil(lower.length / 2)) });
  return nearest === undefined ? undefined : spelled.get(nearest);
}

/** Returns ` (did you mean "…"?)`, or an empty string if no name is near. */
export function didYouMean(name: string, names: readonly string[]): string {
  const nearest = nearestName(name, names);
  return nearest === undefined ? '' : ` (did you mean "${nearest}"?)`;
}
