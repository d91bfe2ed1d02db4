import { pluginNames } from '../core/pipeline/catalogue.ts';
import { loadPresets, pluginsOf } from './load-presets.ts';
import { pluginPage } from './plugin-page.ts';
import { pluginsIndex } from './plugins-index.ts';
import { presetsPage } from './presets-page.ts';

/** Every generated page, by its path in `docs/`. */
export async function allPages(): Promise<Map<string, string>> {
  const presets = new Map((await loadPresets()).map(({ name, preset }) => [name, pluginsOf(preset.plugins)]));
  const pages = new Map([
    ['plugins.md', pluginsIndex()],
    ['presets.md', await presetsPage()],
  ]);
  for (const name of pluginNames()) pages.set(`plugins/${name}.md`, await pluginPage(name, presets));
  return pages;
}
