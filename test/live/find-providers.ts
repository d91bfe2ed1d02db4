import { readSettings } from '../../core/config/settings.ts';
import type { Preset } from '../../core/contract/preset.ts';
import { findPreset, presetNames } from '../../core/pipeline/catalogue.ts';

/** The variables that choose any server, and those that give its key. */
const ANY = ['TAPLINE_UPSTREAM', 'TAPLINE_UPSTREAM_KEY'] as const;

/** The presets whose provider these variables give access to, and the variables that were looked for. */
export async function findProviders(variables: NodeJS.ProcessEnv): Promise<{ presets: Preset[]; looked: string[] }> {
  const presets: Preset[] = [];
  const looked: string[] = [];
  for (const name of presetNames()) {
    const { keyEnv = [], baseEnv = [] } = (await findPreset(name))();
    const needed = keyEnv.length > 0 ? keyEnv : baseEnv;
    looked.push(...needed);
    if (!needed.some((variable) => variables[variable])) continue;
    // a key for any server is none for this one
    const own =
      keyEnv.length > 0 ? Object.fromEntries(Object.entries(variables).filter(([variable]) => !ANY.includes(variable as (typeof ANY)[number]))) : variables;
    presets.push((await readSettings({ config: false, preset: name }, process.cwd(), own)).preset);
  }
  return { presets, looked: [...new Set([...looked, ANY[1]])] };
}
