import { readdirSync, readFileSync } from 'node:fs';
import { wrap } from './markdown.ts';

const FIXTURES = new URL('../fixtures/plugins/', import.meta.url);
const WIDTH = 120;
const LONGEST_STRING = 160;

interface Fixture {
  it: string;
  from?: string;
  options?: object;
  exchange?: object;
  behind?: object;
  complete?: object;
  wire?: Record<string, Part>;
  warnings?: unknown[];
  [part: string]: unknown;
}
interface Part {
  before: unknown;
  after: unknown;
}

/** The first fixture of a plugin, for people. Throws an Error that names the plugin that has none. */
export function exampleOf(name: string): string {
  const [file, fixture] = firstFixture(name);
  const { it, from: _, options, exchange, behind, complete, wire = {}, warnings, ...parts } = fixture;
  const given = Object.entries({ options, exchange, behind, complete }).filter(([, value]) => value);
  const handled = [...Object.entries(parts), ...Object.entries(wire).map(([part, value]) => [`wire.${part}`, value] as const)];
  return [
    wrap(`It ${it}. All its [fixtures](../../fixtures/plugins/${name}) are tests; this one is [${file}](../../fixtures/plugins/${name}/${file}).`),
    ...given.map(([what, value]) => block(`\`${what}\``, value)),
    ...handled.map(([part, value]) => changeOf(part, value as Part)),
    ...(warnings ? [block('Warnings', warnings)] : []),
  ].join('\n\n');
}

function firstFixture(name: string): [file: string, fixture: Fixture] {
  const folder = new URL(`${name}/`, FIXTURES);
  const [file] = readdirSync(FIXTURES).includes(name) ? readdirSync(folder).sort() : [];
  if (!file) throw new Error(`fixtures/plugins/${name}: there is no fixture`);
  return [file, JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Fixture];
}

function changeOf(part: string, { before, after }: Part): string {
  return `${block(`\`${part}\` before`, before)}\n\n${block(`\`${part}\` after`, after)}`;
}

function block(title: string, value: unknown): string {
  return `${title}:\n\n\`\`\`json\n${short(value)}\n\`\`\``;
}

/** JSON with short things in one line, and with long texts cut. */
function short(value: unknown, indent = ''): string {
  const line = inLine(value);
  if (typeof value !== 'object' || value === null || indent.length + line.length <= WIDTH) return line;
  const deeper = `${indent}  `;
  if (Array.isArray(value)) return `[\n${value.map((each) => deeper + short(each, deeper)).join(',\n')}\n${indent}]`;
  return `{\n${Object.entries(value)
    .map(([key, each]) => `${deeper}${JSON.stringify(key)}: ${short(each, deeper)}`)
    .join(',\n')}\n${indent}}`;
}

function inLine(value: unknown): string {
  if (typeof value === 'string' && value.length > LONGEST_STRING) return JSON.stringify(`${value.slice(0, LONGEST_STRING).toWellFormed()}…`);
  if (Array.isArray(value)) return `[${value.map(inLine).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${inLine(each)}`);
  return fields.length > 0 ? `{ ${fields.join(', ')} }` : '{}';
}
