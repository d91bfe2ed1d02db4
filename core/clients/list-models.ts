import { createLog } from '../config/log.ts';
import type { Settings } from '../config/settings.ts';
import { GatewayError } from '../contract/errors.ts';
import type { ModelFacts } from '../contract/facts.ts';
import { createGateway } from '../gateway/create-gateway.ts';
import { createRedactor } from '../gateway/redactor.ts';
import { systemClock } from '../kit/system-clock.ts';
import { offerModels } from '../pipeline/plugin-life.ts';
import { resolveForEach } from '../pipeline/resolve-plugins.ts';

/**
 * Lists the models that clients are offered: the default preset's, then `preset/model` of the others. A `named` model
 * that no preset knows comes first in its preset. Providers are asked only if a preset knows no models and none is
 * named. Throws `config_invalid` if there is no model.
 */
export async function listModels(settings: Settings, named: string | undefined): Promise<readonly ModelFacts[]> {
  const { presets } = settings;
  return named === undefined && presets.some(({ models }) => models.length === 0) ? ask(settings) : known(settings, named);
}

async function known({ presets, plugins, disable, pluginTimeout }: Settings, named: string | undefined): Promise<readonly ModelFacts[]> {
  const lists = resolveForEach(presets, plugins, disable);
  const owner = presets.find(({ name }, at) => at > 0 && named?.startsWith(`${name}/`)) ?? presets[0];
  const all = presets.map(async (preset, at) => {
    const prefix = at === 0 ? '' : `${preset.name}/`;
    const wanted = preset === owner ? named?.slice(prefix.length) : undefined;
    const own = wanted === undefined || preset.models.some(({ id }) => id === wanted) ? preset.models : [{ id: wanted }, ...preset.models];
    const models = await offerModels(own, lists[at] ?? [], { clock: systemClock, pluginTimeout });
    return models.map((model) => ({ ...model, id: prefix + model.id }));
  });
  return (await Promise.all(all)).flat();
}

async function ask(settings: Settings): Promise<readonly ModelFacts[]> {
  const { presets, log, secrets } = settings;
  const gateway = await createGateway({ ...settings, preset: presets, log: createLog({ ...log, redact: createRedactor(secrets) }) });
  const models = await gateway.models().finally(() => gateway.stop());
  if (models.length > 0) return models;
  throw new GatewayError(
    'config_invalid',
    `preset "${presets[0].name}" has no models, and ${gateway.providers[0].base}/models lists none: name one with --model`,
  );
}
