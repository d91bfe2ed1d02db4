import { CLIENT_CONFIGS, type ConfiguredClient } from '../clients/client-configs.ts';
import { listModels } from '../clients/list-models.ts';
import { readSettings } from '../config/settings.ts';
import { GatewayError } from '../contract/errors.ts';
import { type PrintFlags, type Surroundings, urlOf } from './print-config.ts';

/** Prints the config of a client other than Codex, and nothing else, on stdout. Throws `config_invalid`. */
export async function printClientConfig(client: ConfiguredClient, flags: PrintFlags, around: Partial<Surroundings> = {}): Promise<void> {
  const { folder = process.cwd(), variables = process.env } = around;
  const { stdout = (text: string) => process.stdout.write(text), stderr = (text: string) => process.stderr.write(text) } = around;
  if (flags.write || flags.catalog !== undefined) {
    throw new GatewayError('config_invalid', `${flags.write ? '--write' : '--catalog'} is for codex only; for ${client}, paste the printed lines`);
  }
  const settings = await readSettings({ ...flags, inspectOnly: true }, folder, variables);
  const models = await listModels(settings, flags.model);
  const choice = { url: urlOf(settings), model: flags.model ?? models[0]?.id ?? '', models, keyed: settings.access.apiKey !== undefined };
  for (const note of settings.notes) stderr(`tapline: ${note}\n`);
  stdout(CLIENT_CONFIGS[client](choice));
}
