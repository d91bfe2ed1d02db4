/** An object of a body, and the name of one of its own fields. */
export type Place = [holder: Record<string, unknown>, name: string];

/** Finds all fields at a path like `provider.only`; `*` means each element of a list. */
export function placesOf(body: object, path: string): Place[] {
  const names = path.split('.');
  const last = names.pop() ?? '';
  const below = (holder: unknown, name: string): unknown[] => (name === '*' && Array.isArray(holder) ? holder : [own(holder, name)]);
  const holders = names.reduce<unknown[]>((found, name) => found.flatMap((holder) => below(holder, name)), [body]);
  return holders.filter(isObject).flatMap((holder): Place[] => (Object.hasOwn(holder, last) ? [[holder, last]] : []));
}

/** Sets a copy of a value, and creates the objects on the way. Returns false if another value is in the way. */
export function putAt(body: object, path: string, value: unknown): boolean {
  const names = path.split('.');
  const last = names.pop() ?? '';
  let holder = body as Record<string, unknown>;
  for (const name of names) {
    const next = own(holder, name) ?? {};
    if (!isObject(next)) return false;
    holder[name] = next;
    holder = next;
  }
  holder[last] = structuredClone(value);
  return true;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function own(holder: unknown, name: string): unknown {
  return isObject(holder) && Object.hasOwn(holder, name) ? holder[name] : undefined;
}
