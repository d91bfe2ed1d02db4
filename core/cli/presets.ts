import { findPreset, presetNames } from '../pipeline/catalogue.ts';

/** Prints each preset with its endpoints and the variables of its key and base. */
export async function listPresets(): Promise<void> {
  for (const name of presetNames()) {
    const { endpoints, keyEnv = [], baseEnv = [], prefixes = [] } = (await findPreset(name))();
    const where = Object.entries(endpoints).map(([dialect, base]) => `${dialect} ${base}`);
    const needs = [...keyEnv, ...baseEnv.map((variable) => `${variable} (base)`), ...prefixes.map((prefix) => `also below ${prefix}`)];
    process.stdout.write(`${name.padEnd(20)}${[where.join(', ') || 'no endpoint of its own', ...needs].join('  ')}\n`);
  }
}
