import { chmodSync, constants, copyFileSync, existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parse } from 'smol-toml';
import { GatewayError, messageOf } from '../../contract/errors.ts';
import { mergeToml } from './merge-toml.ts';

/** Codex's config as it is; a broken one counts only if it is to be written. */
export function readConfig(file: string, writing: boolean): { text: string; profile: boolean } {
  if (!existsSync(file)) return { text: '', profile: false };
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(file));
    return { text, profile: parse(text)['profile'] !== undefined };
  } catch (thrown) {
    if (!writing) return { text: '', profile: false };
    throw new GatewayError('config_invalid', `${file} is not valid TOML, so nothing is written: ${messageOf(thrown).trim()}`);
  }
}

/** Codex's config with ours in it. Throws `config_invalid` where that cannot be done line by line. */
export function mergeConfig(file: string, text: string, ours: string): string {
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

/** Writes a merged config, after a dated copy of the one there was; returns what was done, in words. */
export function saveConfig(file: string, text: string, merged: string, now: Date): string {
  if (merged === text) return `${file}: nothing to change\n`;
  const copy = copyOf(file, now);
  replace(file, merged);
  return `${file}: written${copy ? `, the one before is ${copy}` : ''}\n`;
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
