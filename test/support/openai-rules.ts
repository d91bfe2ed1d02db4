const NAME = /^[a-zA-Z0-9_-]{1,64}$/;

/** A function in the form of both OpenAI dialects. */
export interface OfferedFunction {
  name: string;
  parameters?: Record<string, unknown> | null;
  strict?: boolean | null;
}

/** Returns OpenAI's reason to refuse these functions, or nothing. */
export function refusalOfFunctions(functions: readonly OfferedFunction[]): string | undefined {
  for (const { name, parameters, strict } of functions) {
    if (!NAME.test(name ?? '')) return `Invalid 'tools[].name': '${name}' does not match the pattern '^[a-zA-Z0-9_-]+$'`;
    if (parameters && parameters['type'] !== 'object') return `Invalid schema for function '${name}': schema must be a JSON Schema of 'type: "object"'`;
    const loose = strict === true && looseIn(parameters ?? {});
    if (loose) return `Invalid schema for function '${name}': ${loose}`;
  }
  return undefined;
}

/** Returns the reason to refuse a strict schema, or nothing. */
export function looseIn(schema: Record<string, unknown>, path = '()'): string | undefined {
  if (schema['type'] !== 'object' && schema['properties'] === undefined) return undefined;
  const properties = Object.entries((schema['properties'] ?? {}) as Record<string, Record<string, unknown>>);
  if (schema['additionalProperties'] !== false) return `In context=${path}, 'additionalProperties' is required to be supplied and to be false`;
  const required = new Set((schema['required'] ?? []) as string[]);
  const missing = properties.find(([name]) => !required.has(name));
  if (missing) return `In context=${path}, 'required' is required to be supplied and to be an array including every key in properties. Missing '${missing[0]}'`;
  return properties.map(([name, each]) => looseIn(each, `('properties', '${name}')`)).find(Boolean);
}

/** Returns the refusal of an unknown parameter. */
export function unknownIn(body: object, fields: ReadonlySet<string>): string | undefined {
  const unknown = Object.keys(body).find((name) => !fields.has(name));
  return unknown && `Unknown parameter: '${unknown}'.`;
}
