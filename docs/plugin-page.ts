import { DIALECTS, type Dialect, type Lane } from '../core/contract/dialect.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { findPlugin } from '../core/pipeline/catalogue.ts';
import { handlersOf } from '../core/pipeline/create-pipeline.ts';
import { exampleOf } from './example-of.ts';
import { loadOptions } from './load-options.ts';
import { code, enumerate, table, wrap } from './markdown.ts';
import { optionsTable } from './options-table.ts';
import { sentenceOf, sourceOf } from './read-source.ts';

const LANES: readonly Lane[] = ['native', 'translated'];
/** At most so many exceptions are listed by name. */
const FEW = 3;

/** A plugin's own page. Throws an Error that names the plugin whose comment, option or fixture has something amiss. */
export async function pluginPage(name: string, presets: ReadonlyMap<string, readonly string[]>): Promise<string> {
  const plugin = (await findPlugin(name))();
  const parts = [
    `# ${name}`,
    wrap(sentenceOf('plugins', name)),
    wrap(listedBy(name, presets)),
    '## Options',
    optionsTable(name, sourceOf('plugins', name), await loadOptions(name)),
    '## Handlers',
    handlersTable(plugin),
    '## Example',
    exampleOf(name),
    '---',
    wrap(`[All plugins](../plugins.md) · Source: [plugins/${name}.ts](../../plugins/${name}.ts). \`npm run docs\` writes this page; do not edit it.`),
  ];
  return `${parts.join('\n\n')}\n`;
}

function listedBy(name: string, presets: ReadonlyMap<string, readonly string[]>): string {
  const links = (names: string[]) => enumerate(names.map((preset) => `[${preset}](../presets.md#${preset})`));
  const all = [...presets.keys()];
  const listing = all.filter((preset) => presets.get(preset)?.includes(name));
  const others = all.filter((preset) => !listing.includes(preset));
  if (listing.length === 0) return 'No preset lists it: add it to `plugins` in your [config](../configuration.md#the-config-file).';
  if (others.length === 0) return 'Every [preset](../presets.md) lists it.';
  if (others.length <= FEW) return `Every [preset](../presets.md) lists it, except ${links(others)}.`;
  return `${listing.length === 1 ? 'This preset lists it' : 'These presets list it'}: ${links(listing)}.`;
}

/** Each handler, with the lanes and the providers in which it runs. */
function handlersTable(plugin: Plugin): string {
  const runs = LANES.flatMap((lane) => DIALECTS.flatMap((dialect) => handlersOf(plugin, dialect, lane).map((handler) => ({ handler, lane, dialect }))));
  const handlers = [...new Set(LANES.toReversed().flatMap((lane) => runs.filter((run) => run.lane === lane).map(({ handler }) => handler)))];
  const rows = handlers.map((handler) => {
    const own = runs.filter((run) => run.handler === handler);
    return [`\`${handler}\``, lanesOf(own.map(({ lane }) => lane)), dialectsOf(own.map(({ dialect }) => dialect))];
  });
  const outside = (['models', 'start', 'stop'] as const).filter((handler) => plugin[handler]);
  return table(['handler', 'lane', 'what the provider speaks'], [...rows, ...outside.map((handler) => [`\`${handler}\``, 'outside of exchanges', 'anything'])]);
}

function lanesOf(lanes: readonly Lane[]): string {
  return LANES.every((lane) => lanes.includes(lane)) ? 'both' : code([...new Set(lanes)]);
}

function dialectsOf(dialects: readonly Dialect[]): string {
  return DIALECTS.every((dialect) => dialects.includes(dialect)) ? 'anything' : code(DIALECTS.filter((dialect) => dialects.includes(dialect)));
}
