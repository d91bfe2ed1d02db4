import { DIALECTS } from '../core/contract/dialect.ts';
import { reasoningContent } from '../plugins/reasoning-content.ts';
import { basics } from '../presets/basics.ts';
import { chatBasics } from '../presets/chat-basics.ts';
import { loadPresets, pluginsOf, type Shown } from './load-presets.ts';
import { enumerate, table, wrap } from './markdown.ts';
import { presetSection } from './preset-section.ts';

const INTRO = `# Presets

A preset is a provider as plain data: its endpoints, the variables that hold its key, what is known of its models, and
the plugins that make up for its accent. This page shows every preset that comes with Tapline, and why each of its
plugins is there.

- To choose a preset, and to change one, see [configuration.md](configuration.md).
- To find out which plugins a provider without a preset needs, see [probe.md](probe.md).

\`npm run docs\` writes this page from the presets in \`presets/\`. The reason for a plugin is the comment beside it there.

## How well a preset is known

- **recorded**: its fixtures are cut from recorded answers of the provider.
- **documented**: its fixtures follow the provider's documentation, its source, or what other programs do for it.
- **unverified**: neither was at hand for all of it.

A reason ends with its evidence in parentheses: the provider's documentation, an issue of a public repository
(\`repository#number\`), recorded answers in another program's tests, or the source of a program that speaks with the
provider, such as LiteLLM, oh-my-pi or the AI SDK.

## All presets

A **native** endpoint hands a client of its dialect the provider's own bytes, mended where
no client could read them. Every other client is **translated** to
the first endpoint of the preset, and so are the clients of a dialect that the provider takes only in part.
`;

const BASICS = pluginsOf(basics());
const CHAT_BASICS = pluginsOf(chatBasics({ reasoning: reasoningContent() })).filter((name) => !BASICS.includes(name));

/** The page about the presets. Throws an Error that names a preset and the plugin in it that has no reason. */
export async function presetsPage(): Promise<string> {
  const presets = await loadPresets();
  const sections = presets.map((shown) => presetSection(shown, [...BASICS, ...CHAT_BASICS]));
  return [INTRO, overview(presets), '', basicsOf(), ...sections].join('\n');
}

function overview(presets: readonly Shown[]): string {
  const rows = presets.map(({ name, preset: { title = '', known = '', endpoints, translated = [], keyEnv = [], keyNeeded } }) => {
    const lanes = DIALECTS.map((dialect) => (!endpoints[dialect] ? '' : translated.includes(dialect) ? 'translated' : 'native'));
    return [`[${name}](#${name})`, title, ...lanes, known, keyEnv.length === 0 ? 'none' : `\`${keyEnv[0]}\`${keyNeeded ? '' : ', optional'}`];
  });
  return table(['preset', 'provider', ...DIALECTS.map((dialect) => `\`${dialect}\``), 'known', 'key'], rows);
}

function basicsOf(): string {
  const links = (names: readonly string[]) => enumerate(names.map((name) => `[${name}](plugins/${name}.md)`));
  const lists = [`Every preset has ${links(BASICS)}.`, `A preset that is asked in \`chat\` has ${links(CHAT_BASICS)} too.`];
  return `## The basics\n\n${lists.map((list) => wrap(list)).join('\n\n')}\n`;
}
