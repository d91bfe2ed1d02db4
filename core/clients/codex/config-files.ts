import { chmodSync, constants, copyFileSync, existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parse } from 'smol-toml';
import { GatewayError, messageOf } from '../../contract/errors.ts';
import { mergeToml } from './merge-toml.ts';

/** Reads Codex's config. Throws `config_invalid` for a broken one, but only if it is to be written. */
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

/** Merges our lines into Codex's config. Throws `config_invalid` if they cannot be merged line by line. */
export function mergeConfig(file: string, text: string, ours: string): string {
  try {
    return mergeToml(text, ours);
  } catch (thrown) {
    const reason = messageOf(thrown).trim();
    throw new GatewayError(
      'config_invalid',
      `${file} cannot be edited, so nothing is written; remove model_providers.tapline from it, or write it as a separate table: ${reason}`,
    );
  }
}

/** Writes a merged config after a dated backup of the old one. Returns a line for the user. */
export function saveConfig(file: string, text: string, merged: string, now: Date): string {
  if (merged === text) return `${file}: nothing to change\n`;
  const copy = copyOf(file, now);
  replace(file, merged);
  return `${file}: written${copy ? `, backup in ${copy}` : ''}\n`;
}

/** Writes a catalogue of models. Throws `config_invalid` instead of overwriting a file that is something else. */
export function writeCatalog(file: string, text: string): void {
  const old = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  if (old === text) return;
  if (old !== undefined && !/^\s*\{\s*"models"\s*:/.test(old))
    throw new GatewayError('config_invalid', `${file} is not a catalogue of models, so nothing is written`);
  replace(file, text);
}

/** Makes a dated copy beside the file; undefined if there is no file. */
function copyOf(file: string, now: Date): string | undefined {
  if (!existsSync(file)) return undefined;
  const copy = `${file}.${now.toISOString().replaceAll(':', '-')}.bak`; // Windows allows no colon in file names
  copyFileSync(file, copy, constants.COPYFILE_EXCL);
  return copy;
}

/** Replaces a file atomically and keeps its mode; a symbolic link stays one. */
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
