import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { codexConfig } from '../clients/codex/codex-config.ts';
import { codexModels } from '../clients/codex/codex-models.ts';
import { mergeConfig, readConfig, saveConfig, writeCatalog } from '../clients/codex/config-files.ts';
import { mergeToml } from '../clients/codex/merge-toml.ts';
import { listModels } from '../clients/list-models.ts';
import { type Flags, readSettings, type Settings } from '../config/settings.ts';
import { GatewayError } from '../contract/errors.ts';

export interface PrintFlags extends Flags {
  /** Merges into Codex's config instead of printing. */
  write?: boolean | undefined;
  /** The file for the catalogue of models. */
  catalog?: string | undefined;
  model?: string | undefined;
}

export interface Surroundings {
  folder: string;
  variables: NodeJS.ProcessEnv;
  now: Date;
  stdout: (text: string) => unknown;
  stderr: (text: string) => unknown;
}

/** Prints the lines for Codex's `config.toml`, or merges them into it. Throws `config_invalid` before it writes anything. */
export async function printConfig(flags: PrintFlags, around: Partial<Surroundings> = {}): Promise<void> {
  const { folder = process.cwd(), variables = process.env, now = new Date() } = around;
  const { stdout = (text: string) => process.stdout.write(text), stderr = (text: string) => process.stderr.write(text) } = around;
  const settings = await readSettings({ ...flags, inspectOnly: true }, folder, variables);
  const models = await listModels(settings, flags.model);
  const home = resolve(folder, variables['CODEX_HOME'] || join(homedir(), '.codex'));
  const [file, catalog] = [join(home, 'config.toml'), resolve(folder, flags.catalog ?? join(home, 'tapline-models.json'))];
  const model = flags.model ?? models[0]?.id ?? '';
  const ours = configOf(settings, model, catalog);
  const { text, profile } = readConfig(file, flags.write ?? false);
  const merged = flags.write ? mergeConfig(file, text, ours) : text;
  if (flags.write || flags.catalog !== undefined) writeCatalog(catalog, `${JSON.stringify({ models: codexModels(models) }, null, 2)}\n`);

  const known = models.some(({ id, contextWindow }) => id === model && contextWindow !== undefined);
  const notes = [
    ...settings.notes,
    !known && `the model "${model}" is not described: its catalogue entry has text only and a small context window; describe it in the preset's "models"`,
    profile && `${file} has a top-level "profile", with which Codex 0.169 does not start: remove that line`,
    !existsSync(catalog) && `${catalog} does not exist yet, and Codex does not start without it: write it with --write, or with --catalog FILE`,
  ];
  for (const note of notes) if (note) stderr(`tapline: ${note}\n`);
  stdout(flags.write ? saveConfig(file, text, merged, now) : ours);
}

function configOf(settings: Settings, model: string, catalog: string): string {
  const config = codexConfig({ model, baseUrl: `${urlOf(settings)}/v1`, keyed: settings.access.apiKey !== undefined });
  return `${mergeToml(config, `model_catalog_json = ${JSON.stringify(catalog)}`)}\n`;
}

/** The gateway's URL for clients on this machine, without `/v1`. */
export function urlOf({ host, port }: Settings): string {
  if (port === 0) throw new GatewayError('config_invalid', '--port: 0 takes another port at each start; a client needs one that stays');
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
