import { closestMatch } from 'leven';

/** A typing error or two; what is further away is another word. */
const FURTHEST = 3;

/** The name of a closed list that was probably meant. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  const lower = name.toLowerCase();
  const spelled = new Map(names.map((each) => [each.toLowerCase(), each]));
  const start = names.filter((each) => lower.length > 2 && (each.toLowerCase().startsWith(lower) || lower.startsWith(each.toLowerCase())));
  if (start.length === 1) return start[0];
  const nearest = closestMatch(lower, [...spelled.keys()], { maxDistance: Math.min(FURTHEST, Math.ceil(lower.length / 2)) });
  return nearest === undefined ? undefined : spelled.get(nearest);
}

/** ` (did you mean "…"?)`, or nothing where no name is near. */
export function didYouMean(name: string, names: readonly string[]): string {
  const nearest = nearestName(name, names);
  return nearest === undefined ? '' : ` (did you mean "${nearest}"?)`;
}
