import { setTimeout as pause } from 'node:timers/promises';
import { type Flags, readSettings, type Settings } from '../config/settings.ts';
import { GatewayError } from '../contract/errors.ts';
import type { Preset } from '../contract/preset.ts';
import { createRedactor } from '../gateway/redactor.ts';
import { authorizationOf } from '../kit/authorization.ts';
import { isByModel } from '../kit/by-model.ts';
import { systemClock } from '../kit/system-clock.ts';
import { resolvePlugins } from '../pipeline/resolve-plugins.ts';
import { advise } from '../probe/advise.ts';
import { probeJson, probeReport } from '../probe/report.ts';
import { runProbe } from '../probe/run-probe.ts';
import type { Surroundings } from './print-config.ts';

export interface ProbeFlags extends Flags {
  model?: string | undefined;
  json?: boolean | undefined;
  /** The format of the printed list of plugins. */
  as?: 'ts' | 'yaml' | undefined;
}

type Around = Partial<Surroundings & { wait: (milliseconds: number) => Promise<unknown> }>;

/**
 * Sends a preset's provider tiny requests in plain Chat, and prints the plugins that its accent needs. Throws a
 * GatewayError if that is impossible: nobody answers, a refused key, an unknown model.
 */
export async function probe(preset: string, { model, json, as: form = 'ts', ...flags }: ProbeFlags, around: Around = {}): Promise<void> {
  const { folder = process.cwd(), variables = process.env, wait = pause } = around;
  const { stdout = (text: string) => process.stdout.write(text), stderr = (text: string) => process.stderr.write(text) } = around;
  const { settings, chosen } = await choose(preset, flags, folder, variables);
  const redact = createRedactor(settings.secrets);
  for (const note of settings.notes) stderr(`tapline: ${redact(note)}\n`);
  try {
    const base = ((await chosen.start?.()) ?? chosen.endpoints).chat?.replace(/\/+$/, '');
    if (base === undefined) {
      throw new GatewayError(
        'config_invalid',
        `preset "${preset}" has no Chat endpoint, and the probe speaks only Chat; if the provider has one, give it with --upstream`,
      );
    }
    const result = await runProbe({
      ...{ base, wait, clock: systemClock, headers: authorizationOf(chosen, 'chat') },
      model: model ?? chosen.models[0]?.id,
      onAsk: (what) => stderr(`asking: ${what}\n`),
    });
    const resolved = resolvePlugins({ preset, listed: chosen.plugins, added: settings.plugins });
    const listed = resolved.filter((plugin) => !isByModel(plugin)).map(({ name }) => name);
    const { origin, pathname } = new URL(base);
    const probed = { preset, endpoint: origin + pathname, listed, form, ...result, ...advise(result.findings, listed) };
    stdout(redact(json ? probeJson(probed) : probeReport(probed)));
  } catch (thrown) {
    throw thrown instanceof GatewayError ? thrown.with({ message: redact(thrown.message) }) : thrown;
  } finally {
    await chosen.stop?.();
  }
}

/** The preset as the config sets it up, for example with its region, else with its defaults. */
async function choose(preset: string, flags: Flags, folder: string, variables: NodeJS.ProcessEnv): Promise<{ settings: Settings; chosen: Preset }> {
  if (flags.config !== false && !flags.upstream) {
    // a copy: values from .env must count as such when the settings are read again
    const settings = await readSettings({ ...flags, preset: undefined }, folder, { ...variables }).catch(() => undefined);
    const chosen = settings?.configFile ? settings.presets.find(({ name }) => name === preset) : undefined;
    if (settings && chosen) return { settings, chosen };
  }
  const settings = await readSettings({ ...flags, preset }, folder, variables);
  return { settings, chosen: settings.preset };
}
