import type { ModelFacts } from '../core/contract/facts.ts';
import type { Preset } from '../core/contract/preset.ts';
import { pluginsOf, type Shown } from './load-presets.ts';
import { bullet, code, table, wrap } from './markdown.ts';
import { commentAt, sentenceOf } from './read-source.ts';

/** What is shown of one preset: beyond `basics`, which all have, each plugin with the reason that it is there. */
export function presetSection(shown: Shown, basics: readonly string[]): string {
  const { name, preset } = shown;
  const parts = [
    `## ${name}`,
    wrap(sentenceOf('presets', name)),
    factsOf(shown).map(bullet).join('\n'),
    modelsOf(preset),
    pluginsTable(shown, basics),
    wrap(`Source: [presets/${name}.ts](../presets/${name}.ts).`),
  ];
  return `${parts.join('\n\n')}\n`;
}

function factsOf({ preset, regions, sources }: Shown): string[] {
  const { title = '', known, keyEnv = [], keyNeeded, baseEnv = [], port, prefixes = [], translated = [], auth } = preset;
  const places = regions.size > 0 ? [...regions].flatMap(([region, each]) => endpointsOf(each, `, region \`${region}\``)) : endpointsOf(preset, '');
  const keys = keyEnv.length > 0 ? keyEnv : baseEnv.length > 0 ? ['TAPLINE_UPSTREAM_KEY'] : [];
  const header = auth === 'x-api-key' ? ', sent as `x-api-key`' : '';
  return [
    `Provider: ${title}`,
    ...(known ? [`Known: **${known}**`] : []),
    ...(places.length > 0 ? places : ['Endpoints: none of its own']),
    ...(translated.length > 0 ? [`Clients of ${code(translated)} are translated even so. ${reasonOf(/\btranslated: /g, sources)}`] : []),
    `Key: ${keys.length === 0 ? 'none' : `${code(keys)}${keyNeeded ? '' : ', optional'}${header}`}`,
    ...(baseEnv.length > 0 ? [`Another base in place of these: ${code(baseEnv)}, or \`--upstream\``] : []),
    ...(port ? [`Port of the gateway, unless set: ${port}`] : []),
    ...(prefixes.length > 0 ? [`Further path at which the gateway serves its routes: ${code(prefixes)}`] : []),
  ];
}

function endpointsOf({ endpoints }: Preset, where: string): string[] {
  return Object.entries(endpoints).map(([dialect, base]) => `Endpoint for \`${dialect}\`${where}: ${base}`);
}

function modelsOf({ models, modelsFrom }: Preset): string {
  if (models.length === 0) return 'Models: those that the provider lists.';
  const count = (tokens: number | undefined) => tokens?.toLocaleString('en') ?? '';
  const rows = models.map(({ id, contextWindow, maxOutput, input = [], efforts }: ModelFacts) => {
    return [`\`${id}\``, count(contextWindow), count(maxOutput), input.join(', '), efforts?.join(', ') || '–'];
  });
  const head = ['model', 'context', 'most output', 'input', 'efforts'];
  return [table(head, rows), ...(modelsFrom ? [wrap(`These facts were read in ${modelsFrom.date} from ${modelsFrom.source}.`)] : [])].join('\n\n');
}

/** Of the basics too where the preset gives one options of its own, and says why. */
function pluginsTable({ name, preset, sources }: Shown, basics: readonly string[]): string {
  const rows = pluginsOf(preset.plugins).flatMap((plugin) => {
    const reason = reasonFor(plugin, sources);
    if (reason) return [[`[${plugin}](plugins/${plugin}.md)`, reason]];
    if (basics.includes(plugin)) return [];
    throw new Error(`presets/${name}.ts: there is no comment that says why "${plugin}" is there`);
  });
  const link = 'the [basics](#the-basics)';
  return rows.length === 0 ? `Plugins: ${link}.` : `Plugins beyond ${link}:\n\n${table(['plugin', 'why it is here'], rows)}`;
}

/** Beside the plugin's call; of one that a shared list hands over under a name, beside that name. */
function reasonFor(plugin: string, sources: readonly string[]): string {
  const factory = plugin.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const alias = sources.slice(1).flatMap((source) => new RegExp(`(\\w+): ${factory}\\(`).exec(source)?.[1] ?? [])[0];
  return reasonOf(new RegExp(`\\b${factory}\\(`, 'g'), sources) || (alias ? reasonOf(new RegExp(`^ *${alias},`, 'gm'), sources) : '');
}

function reasonOf(pattern: RegExp, sources: readonly string[]): string {
  return [...new Set(sources.map((source) => commentAt(source, pattern)))].filter(Boolean).join(' ');
}
