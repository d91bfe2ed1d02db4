import { findPreset, presetNames } from '../core/catalogue.ts';
import { DIALECTS } from '../core/exchange.ts';
import type { ModelFacts, Preset } from '../core/preset.ts';
import { resolvePlugins } from '../core/resolve-plugins.ts';
import { reasoningContent } from '../plugins/reasoning-content.ts';
import { chatBasics } from '../presets/chat-basics.ts';
import { commentsAt, sentenceOf, sourceOf } from './read-source.ts';

const INTRO = `# Presets

A preset is a provider as plain data: where it is asked, in which dialects, with which key, what is known of its models, and the plugins that make
up for its accent. This page shows every preset that comes with Tapline, and why each of its plugins is there. How to choose one, and how to
change it, stands in [configuration.md](configuration.md); how to find out what a provider needs, in [probe.md](probe.md).

**This page is generated. Do not edit it.** \`npm run docs\` writes it again from the presets in \`presets/\`, and a test fails when it is stale. Why a
plugin is there is the comment beside it in the preset's source.

How well a preset is known:

- **recorded**: its fixtures are cut from recorded answers of the provider;
- **documented**: they follow its documentation, its source, or what other programs do for it;
- **unverified**: neither was at hand for all of it.

Where a fact is from: **DOC** the provider's documentation, **ISS** an issue of a public repository, **VCR** and **FIX** recorded answers in the tests of charmbracelet/fantasy and
vercel/ai, **AIS** the AI SDK's provider packages, **LL** LiteLLM, **OMP** oh-my-pi, **ORS** OpenRouter's SDK, **MIS** Mistral's SDK, **ZSDK** Z.ai's SDK, **MUS** @musistudio/llms, **OLL** Ollama's
source, **MEM** nobody's but memory.

A native endpoint hands a client of its dialect the provider's own bytes; every other client is translated, to the first endpoint of the list.
`;

/** What all presets of Chat have: docs/plugins.md tells of them. */
const SHARED = new Set(resolvePlugins({ preset: '', listed: chatBasics({ reasoning: reasoningContent() }) }).map(({ name }) => name));

interface Shown {
  name: string;
  preset: Preset;
  /** The text of its file, then of the lists it shares with a few others. */
  sources: string[];
}

/** The whole page about the presets, as it should be. */
export async function presetsPage(): Promise<string> {
  const shown = await Promise.all(presetNames().map(async (name): Promise<Shown> => ({ name, preset: (await findPreset(name))(), sources: sourcesOf(name) })));
  const sections = await Promise.all(shown.map(sectionOf));
  return `${INTRO}\n${overview(shown)}\n\n${sections.join('\n')}`;
}

function overview(shown: readonly Shown[]): string {
  const rows = shown.map(({ name, preset: { title = '', known = '', endpoints, translated = [], keyEnv = [], keyNeeded } }) => {
    const native = DIALECTS.map((dialect) => (!endpoints[dialect] ? '' : translated.includes(dialect) ? 'translated' : 'native'));
    return [`[${name}](#${name})`, title, ...native, known, keyEnv.length === 0 ? 'none' : `\`${keyEnv[0]}\`${keyNeeded ? '' : ' if it wants one'}`];
  });
  return table(['preset', 'provider', ...DIALECTS.map((dialect) => `\`${dialect}\``), 'known', 'key'], rows);
}

async function sectionOf(shown: Shown): Promise<string> {
  const { name, preset } = shown;
  const { known } = preset;
  const parts = [
    `## ${name}`,
    `${sentenceOf('presets', name)}${known ? ` Known: **${known}**.` : ''} Source: [presets/${name}.ts](../presets/${name}.ts).`,
    (await placesOf(shown)).join('\n'),
    modelsOf(preset),
    pluginsOf(shown),
  ];
  return `${parts.filter(Boolean).join('\n\n')}\n`;
}

/** Where it is, in each region, and how one shows who one is. */
async function placesOf({ name, preset, sources }: Shown): Promise<string[]> {
  const { keyEnv = [], keyNeeded, baseEnv = [], port, prefixes = [], translated = [], auth } = preset;
  const regions = [...(/region\?: ('[^;\n]+);/.exec(sources[0] ?? '')?.[1] ?? '').matchAll(/'(\w+)'/g)].map(([, region = '']) => region);
  const factory = (await findPreset(name)) as (options?: object) => Preset;
  const places = regions.length > 0 ? regions.flatMap((region) => endpointsOf(factory({ region }), ` (region \`${region}\`)`)) : endpointsOf(preset, '');
  const form = auth === 'x-api-key' ? ', sent as `x-api-key`' : '';
  return [
    ...(places.length > 0 ? places : ['- No endpoint of its own.']),
    ...(translated.length > 0 ? [`- Translated all the same: ${code(translated)}${whyOf(sources, /\btranslated: /g)}.`] : []),
    `- Key: ${keyEnv.length === 0 ? (baseEnv.length > 0 ? '`TAPLINE_UPSTREAM_KEY`, if it wants one' : 'none') : `${code(keyEnv)}${keyNeeded ? '' : ', if it wants one'}`}${form}.`,
    ...(baseEnv.length > 0 ? [`- Another base: ${code(baseEnv)}, or \`--upstream\`.`] : []),
    ...(port ? [`- Port: ${port}.`] : []),
    ...(prefixes.length > 0 ? [`- Also served below ${code(prefixes)}.`] : []),
  ];
}

function endpointsOf({ endpoints }: Preset, where: string): string[] {
  return Object.entries(endpoints).map(([dialect, base]) => `- \`${dialect}\`${where}: ${base}`);
}

function modelsOf({ models, modelsFrom }: Preset): string {
  const from = modelsFrom ? `Read in ${modelsFrom.date} from ${modelsFrom.source}.` : '';
  if (models.length === 0) return `Models: those that the provider lists.${from ? ` ${from}` : ''}`;
  const count = (tokens: number | undefined) => tokens?.toLocaleString('en') ?? '';
  const rows = models.map(({ id, contextWindow, maxOutput, input = [], efforts = [], parallelCalls }: ModelFacts) => [
    ...[`\`${id}\``, count(contextWindow), count(maxOutput), input.join(', '), efforts.join(', ')],
    parallelCalls === false ? 'one' : '',
  ]);
  const head = ['model', 'context', 'most output', 'input', 'efforts', 'calls in a turn'];
  const shown = rows.some((row) => row[5] !== '') ? 6 : 5;
  return `${table(
    head.slice(0, shown),
    rows.map((row) => row.slice(0, shown)),
  )}${from ? `\n\n${from}` : ''}`;
}

/** Beyond those that all have; of these too where the preset gives one options of its own. */
function pluginsOf({ name: preset, preset: { plugins }, sources }: Shown): string {
  const own = resolvePlugins({ preset, listed: plugins }).filter(({ name }) => !SHARED.has(name) || (name !== 'reasoning-content' && callIn(name, sources)));
  if (own.length === 0) return 'Plugins: those that all presets have.';
  const rows = own.map(({ name }) => [`[${name}](plugins.md#${name})`, sentenceOf('plugins', name), reasonsOf(name, sources)]);
  return `Beyond the plugins that all presets have:\n\n${table(['plugin', 'what it does', 'why it is here'], rows)}`;
}

const factoryOf = (name: string): string => name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
const callOf = (name: string): RegExp => new RegExp(`\\b${factoryOf(name)}\\(`, 'g');
const callIn = (name: string, sources: readonly string[]): boolean => sources.some((source) => callOf(name).test(source));

/** Beside its call; of one that a shared list hands over under a name, beside that name. */
function reasonsOf(name: string, sources: readonly string[]): string {
  const [own = '', ...shared] = sources;
  const handedOver = shared.flatMap((source) => new RegExp(`(\\w+): ${factoryOf(name)}\\(`).exec(source)?.[1] ?? []);
  const beside = handedOver.flatMap((alias) => commentsAt(own, new RegExp(`\\b${alias},(?= //)`, 'g')));
  return [...new Set([...sources.flatMap((source) => commentsAt(source, callOf(name))), ...beside])].join('; ');
}

function whyOf(sources: readonly string[], pattern: RegExp): string {
  const [why] = commentsAt(sources[0] ?? '', pattern);
  return why ? `: ${why}` : '';
}

function sourcesOf(name: string): string[] {
  const source = sourceOf('presets', name);
  const shared = [...source.matchAll(/from '\.\/([\w-]+-basics)\.ts'/g)].flatMap(([, each = '']) => (each === 'chat-basics' ? [] : sourcesOf(each)));
  return [source, ...shared];
}

function code(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(', ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}
