import { pluginNames } from '../core/pipeline/catalogue.ts';
import { concerns } from './concerns.ts';
import { bullet, wrap } from './markdown.ts';
import { sentenceOf } from './read-source.ts';

const INTRO = `# Plugins

A plugin transforms one concern of an exchange. This page lists every plugin that comes with Tapline, by concern. Each
plugin has a page of its own, with its options, its handlers, the presets that list it, and an example.

- To add a plugin, or to give one other options, list it under \`plugins\` in your config; to leave one out, name it
  under \`disable\`: see [configuration.md](configuration.md#the-config-file).
- The plugins that a provider needs are already in its preset: see [presets.md](presets.md).
- To write your own, see [writing-a-plugin.md](writing-a-plugin.md).

\`npm run docs\` writes this page and those of the plugins. A plugin's sentence is the comment above its factory in
\`plugins/\`, its options are its schema, and its example is its first fixture in \`fixtures/plugins/\`.
`;

/** The page that lists the plugins by concern. Throws an Error that names a plugin without a concern. */
export function pluginsIndex(): string {
  const groups = concerns(pluginNames()).map(({ title, about, plugins }) => {
    const list = plugins.map((name) => bullet(`[${name}](plugins/${name}.md): ${firstSentence(sentenceOf('plugins', name))}`));
    return `## ${title}\n\n${wrap(about)}\n\n${list.join('\n')}\n`;
  });
  return [INTRO, ...groups].join('\n');
}

function firstSentence(text: string): string {
  return /^.*?\.(?= [A-Z]|$)/.exec(text)?.[0] ?? text;
}
