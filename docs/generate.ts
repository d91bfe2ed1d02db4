import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findPlugin, pluginNames } from '../core/catalogue.ts';
import { handlersOf } from '../core/pipeline.ts';
import { presetsPage } from './generate-presets.ts';
import { sentenceOf, sourceOf, unfold } from './read-source.ts';

const ROOT = new URL('../', import.meta.url);
const WIDTH = 120;
const LONGEST_STRING = 160;
const INTRO = `# Plugins

A plugin transforms one concern of an exchange. This page shows every plugin that comes with Tapline: what it does, its options, its
handlers, and one example. How to write your own stands in [writing-a-plugin.md](writing-a-plugin.md).

**This page is generated. Do not edit it.** \`npm run docs\` writes it again from three sources, and a test fails when it is stale:

- the sentence is the comment above the plugin's factory in \`plugins/\`;
- the options are the plugin's schema; a wrong option stops the start, and the message names the plugin and the field;
- the example is the plugin's first fixture in \`fixtures/plugins/\`. All fixtures of a plugin are its tests too: read on there.

In an example, *before* is what the plugin is given, and *after* is what it makes of it. Handlers run in the order of the list on the way to
the provider, and in the reverse order on the way back. \`request\` and \`event\` (or \`item\`) work on the canonical form: Responses items and a
few stream events. \`wire\` handlers work on the provider's own dialect.
`;

interface Fixture {
  it: string;
  options?: object;
  exchange?: object;
  behind?: object;
  wire?: Record<string, Part>;
  warnings?: unknown[];
  [part: string]: unknown;
}
interface Part {
  before: unknown;
  after: unknown;
}
interface Option {
  name: string;
  schema: string;
  doc: string;
}

/** The whole page about the plugins, as it should be. Throws an Error that names the plugin whose comment, or fixture, is missing. */
export async function pluginsPage(): Promise<string> {
  const names = pluginNames();
  const list = names.map((name) => `- [${name}](#${name}): ${sentenceOf('plugins', name)}`).join('\n');
  const sections = await Promise.all(names.map(sectionOf));
  return `${INTRO}\n${list}\n\n${sections.join('\n')}`;
}

async function sectionOf(name: string): Promise<string> {
  const source = sourceOf('plugins', name);
  const plugin = (await findPlugin(name))();
  const dialects = [plugin.upstream ?? []].flat();
  const handlers = handlersOf(plugin, dialects[0] ?? 'chat', plugin.lane ?? 'translated').map((handler) => `\`${handler}\``);
  const only = dialects.length > 0 ? `, only where the upstream speaks ${dialects.map((dialect) => `\`${dialect}\``).join(' or ')}` : '';
  const parts = [
    `## ${name}`,
    sentenceOf('plugins', name),
    `Handlers: ${handlers.join(', ')}${only}. Source: [plugins/${name}.ts](../plugins/${name}.ts).`,
    optionsTable(optionsOf(source)),
    exampleOf(name),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** The fields of the options schema, each with the comment above it. */
function optionsOf(source: string): Option[] {
  const fields = /^const Options = z\.strictObject\(\{\n([\s\S]*?)\n\}\);$/m.exec(source)?.[1] ?? '';
  const each = /^ {2}(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n {2})?(\w+): ([\s\S]*?),$(?=\n {2}\S|$(?!\n))/gm;
  return [...fields.matchAll(each)].map(([, comment = '', name = '', schema = '']) => ({ name, schema: unfold(schema), doc: unfold(comment) }));
}

function optionsTable(options: readonly Option[]): string {
  if (options.length === 0) return 'No options.';
  const cell = (text: string) => text.replaceAll('|', '\\|');
  const rows = options.map(({ name, schema, doc }) => `| \`${name}\` | \`${cell(schema)}\` | ${cell(doc)} |`);
  return ['| option | schema | meaning |', '|---|---|---|', ...rows].join('\n');
}

function exampleOf(name: string): string {
  const [file, fixture] = firstFixture(name);
  const { it, options, exchange, behind, wire = {}, warnings, ...parts } = fixture;
  const given = Object.entries({ options, exchange, behind }).filter(([, value]) => value);
  const handled = [...Object.entries(parts), ...Object.entries(wire).map(([part, value]) => [`wire.${part}`, value] as const)];
  return [
    `**Example:** ${it}. ([${file}](../fixtures/plugins/${name}/${file}))`,
    ...given.map(([what, value]) => block(what, value)),
    ...handled.map(([part, value]) => changeOf(part, value as Part)),
    ...(warnings ? [block('warnings', warnings)] : []),
  ].join('\n\n');
}

function firstFixture(name: string): [file: string, fixture: Fixture] {
  const folder = new URL(`fixtures/plugins/${name}/`, ROOT);
  const [file] = readdirSync(new URL('fixtures/plugins/', ROOT)).includes(name) ? readdirSync(folder).sort() : [];
  if (!file) throw new Error(`fixtures/plugins/${name}: there is no fixture`);
  return [file, JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Fixture];
}

function changeOf(part: string, { before, after }: Part): string {
  return `${block(`${part}, before`, before)}\n\n${block(`${part}, after`, after)}`;
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

async function main(check: boolean): Promise<void> {
  for (const [name, page] of Object.entries({ 'plugins.md': await pluginsPage(), 'presets.md': await presetsPage() })) {
    const url = new URL(name, import.meta.url);
    if (!check) writeFileSync(url, page);
    else if (!existsSync(url) || readFileSync(url, 'utf8') !== page) {
      console.error(`docs/${name} is stale: run \`npm run docs\` and commit what it writes`);
      process.exitCode = 1;
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.includes('--check'));
