import { parseJson, wellFormedJson } from './parse-json.ts';

/** Returns the arguments of a call as an object; arguments that are none stand in its field `input`. */
export function readArguments(json: string): { object: Record<string, unknown>; mended: boolean } {
  const given = parseJson(json);
  if (isObject(given)) return { object: given, mended: false };
  if (given === null || json.trim() === '') return { object: {}, mended: true };
  const inner = typeof given === 'string' ? parseJson(given) : undefined; // encoded twice
  return { object: isObject(inner) ? inner : { input: json }, mended: true };
}

/**
 * Returns the arguments of a call in the history as a JSON object. Providers parse them, and would refuse the
 * conversation on every later turn (cc-switch#4531).
 */
export function objectJson(json: string): string {
  const { object, mended } = readArguments(json);
  return wellFormedJson(mended ? JSON.stringify(object) : json);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
