import type { PluginOption } from '../core/contract/plugin.ts';
import type { Preset } from '../core/contract/preset.ts';
import { findPreset, presetNames } from '../core/pipeline/catalogue.ts';
import { resolvePlugins } from '../core/pipeline/resolve-plugins.ts';
import { sourceOf } from './read-source.ts';

export interface Shown {
  name: string;
  preset: Preset;
  /** The same for each region that the provider has, by its name. */
  regions: ReadonlyMap<string, Preset>;
  /** The text of its file, then of the lists that it shares with a few others. */
  sources: readonly string[];
}

/** Every preset, as its factory makes it, with its sources. */
export function loadPresets(): Promise<Shown[]> {
  return Promise.all(
    presetNames().map(async (name) => {
      const factory = (await findPreset(name)) as (options?: object) => Preset;
      const sources = sourcesOf(name);
      const regions = new Map(regionsIn(sources[0] ?? '').map((region) => [region, factory({ region })]));
      return { name, preset: factory(), regions, sources };
    }),
  );
}

/** The names of the plugins in a preset's list, in order. */
export function pluginsOf(listed: PluginOption): string[] {
  return resolvePlugins({ preset: '', listed }).map(({ name }) => name);
}

function regionsIn(source: string): string[] {
  const type = /region\?: ('[^;\n]+);/.exec(source)?.[1] ?? '';
  return [...type.matchAll(/'(\w+)'/g)].map(([, region = '']) => region);
}

function sourcesOf(name: string): string[] {
  const source = sourceOf('presets', name);
  const shared = [...source.matchAll(/from '\.\/([\w-]+-basics)\.ts'/g)].flatMap(([, each = '']) => (each === 'chat-basics' ? [] : sourcesOf(each)));
  return [source, ...shared];
}
