import { GatewayError } from '../contract/errors.ts';
import type { Preset } from '../contract/preset.ts';
import { findPreset } from '../pipeline/catalogue.ts';
import type { Config } from './define-config.ts';

interface Choice {
  /** `--preset`: names by comma. */
  named: string | undefined;
  config: Config;
  /** `--upstream` or TAPLINE_UPSTREAM gives the provider's address. */
  hasUpstream: boolean;
  notes: string[];
}

/** Creates the presets to serve, the default first. Throws `config_invalid`, which lists the known names. */
export async function choosePresets({ named, config, hasUpstream, notes }: Choice): Promise<[Preset, ...Preset[]]> {
  if (config.preset !== undefined && config.presets !== undefined) throw new GatewayError('config_invalid', 'preset, presets: only one of the two may be set');
  const [first, ...others] = named?.split(',').filter(Boolean) ?? config.presets ?? (config.preset === undefined ? [] : [config.preset]);
  if (first !== undefined) return [await createPreset(first), ...(await Promise.all(others.map(createPreset)))];
  const name = hasUpstream ? 'openai-compatible' : 'demo';
  notes.push(`no preset is chosen: using "${name}"; choose one with --preset or in proxy.config.ts`);
  return [await createPreset(name)];
}

async function createPreset(named: NonNullable<Config['preset']>): Promise<Preset> {
  if (typeof named === 'string') return (await findPreset(named))();
  if (!Array.isArray(named)) return named as Preset;
  return (await findPreset(named[0] as string))(named[1] as Partial<Preset> | undefined);
}
