import { chmodSync, constants, copyFileSync, existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'smol-toml';
import { codexConfig } from '../clients/codex/codex-config.ts';
import { codexModels } from '../clients/codex/codex-models.ts';
import { mergeToml } from '../clients/codex/merge-toml.ts';
import { listModels } from '../clients/list-models.ts';
import { type Flags, readSettings, type Settings } from '../config/settings.ts';
import { GatewayError, messageOf } from '../contract/errors.ts';

export interface PrintFlags extends Flags {
  /** Merges into Codex's config, in place of printing. */
  write?: boolean | undefined;
  /** The file that takes the catalogue of models. */
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

/** Prints what Codex needs in its `config.toml`, or merges it into there. Throws `config_invalid` before anything is written. */
export async function printConfig(flags: PrintFlags, around: Partial<Surroundings> = {}): Promise<void> {
  const { folder = process.cwd(), variables = process.env, now = new Date() } = around;
  const { stdout = (text: string) => process.stdout.write(text), stderr = (text: string) => process.stderr.write(text) } = around;
  const settings = await readSettings({ ...flags, unserved: true }, folder, variables);
  const models = await listModels(settings, flags.model);
  const home = resolve(folder, variables['CODEX_HOME'] || join(homedir(), '.codex'));
  const [file, catalog] = [join(home, 'config.toml'), resolve(folder, flags.catalog ?? join(home, 'tapline-models.json'))];
  const model = flags.model ?? models[0]?.id ?? '';
  const ours = configOf(settings, model, catalog);
  const { text, profile } = readConfig(file, flags.write ?? false);
  const merged = flags.write ? edit(file, text, ours) : text;
  if (flags.write || flags.catalog !== undefined) writeCatalog(catalog, `${JSON.stringify({ models: codexModels(models) }, null, 2)}\n`);

  const known = models.some(({ id, contextWindow }) => id === model && contextWindow !== undefined);
  const notes = [
    ...settings.notes,
    !known && `little is known of "${model}": Codex is told of text only and of a small context window; the preset's "models" in the config can say more`,
    profile && `${file} has a top-level "profile", with which Codex 0.169 does not start: remove that line`,
    !existsSync(catalog) && `${catalog} does not exist yet, and Codex does not start without: write it with --write, or with --catalog FILE`,
  ];
  for (const note of notes) if (note) stderr(`tapline: ${note}\n`);
  stdout(flags.write ? save(file, text, merged, now) : ours);
}

/** Says what was done. */
function save(file: string, text: string, merged: string, now: Date): string {
  if (merged === text) return `${file}: nothing to change\n`;
  const copy = copyOf(file, now);
  replace(file, merged);
  return `${file}: written${copy ? `, the one before is ${copy}` : ''}\n`;
}

function configOf(settings: Settings, model: string, catalog: string): string {
  const config = codexConfig({ model, baseUrl: `${urlOf(settings)}/v1`, keyed: settings.access.apiKey !== undefined });
  return `${mergeToml(config, `model_catalog_json = ${JSON.stringify(catalog)}`)}\n`;
}

/** Where clients on this machine find the gateway, without `/v1`. */
export function urlOf({ host, port }: Settings): string {
  if (port === 0) throw new GatewayError('config_invalid', '--port: a client must be told a port that stays, not 0');
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

/** Codex's config as it is; a broken one counts only if it is to be written. */
function readConfig(file: string, writing: boolean): { text: string; profile: boolean } {
  if (!existsSync(file)) return { text: '', profile: false };
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(file));
    return { text, profile: parse(text)['profile'] !== undefined };
  } catch (thrown) {
    if (!writing) return { text: '', profile: false };
    throw new GatewayError('config_invalid', `${file} is not valid TOML, so nothing is written: ${messageOf(thrown).trim()}`);
  }
}

function edit(file: string, text: string, ours: string): string {
  try {
    return mergeToml(text, ours);
  } catch (thrown) {
    const reason = messageOf(thrown).trim();
    throw new GatewayError(
      'config_invalid',
      `${file} cannot be edited, so nothing is written; take model_providers.tapline out of it, or write it as a table of its own: ${reason}`,
    );
  }
}

/** Writes a catalogue of models; never in place of a file that is something else. */
export function writeCatalog(file: string, text: string): void {
  const old = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  if (old === text) return;
  if (old !== undefined && !/^\s*\{\s*"models"\s*:/.test(old))
    throw new GatewayError('config_invalid', `${file} is no catalogue of models: it is left as it is`);
  replace(file, text);
}

/** A dated copy beside it; undefined where there is nothing to copy. */
function copyOf(file: string, now: Date): string | undefined {
  if (!existsSync(file)) return undefined;
  const copy = `${file}.${now.toISOString().replaceAll(':', '-')}.bak`; // Windows knows no colon in names
  copyFileSync(file, copy, constants.COPYFILE_EXCL);
  return copy;
}

/** At once or not at all, with the mode it had; a link stays one. */
function replace(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const target = existsSync(file) ? realpathSync(file) : file;
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, text, { mode: 0o600, flush: true });
    if (existsSync(target)) chmodSync(temporary, statSync(target).mode);
    renameSync(temporary, target);
  } finally {
    rmSync(temporary, { force: true });
  }
}
