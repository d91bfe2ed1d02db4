import { GatewayError } from '../core/contract/errors.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import type { Endpoints } from '../core/contract/preset.ts';
import { regionHint } from '../plugins/region-hint.ts';

/**
 * Returns the endpoints of a provider's region, and the plugin that names the other regions when a key is refused.
 * Throws `config_invalid`.
 */
export function regionBasics(preset: string, regions: Readonly<Record<string, Endpoints>>, region: string): { endpoints: Endpoints; hint: Plugin } {
  const endpoints = Object.hasOwn(regions, region) ? regions[region] : undefined;
  const names = Object.keys(regions);
  if (!endpoints) {
    throw new GatewayError('config_invalid', `preset "${preset}": there is no region "${String(region)}"; expected one of ${names.join(', ')}`, {
      param: 'region',
    });
  }
  return { endpoints, hint: regionHint({ region, others: names.filter((name) => name !== region) }) };
}
