import { GatewayError } from '../contract/errors.ts';
import { didYouMean } from '../kit/did-you-mean.ts';

/** Creates the error for an unusable setting. `name` is its flag, variable or field, and becomes `param`. */
export function invalidSetting(name: string, problem: string): GatewayError {
  return new GatewayError('config_invalid', `${name}: ${problem}`, { param: name });
}

/** Reads a port; undefined if nothing is set. Throws `config_invalid`. */
export function readPort(text: string | undefined, name: string): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw invalidSetting(name, `"${text}" is not a port from 0 to 65535`);
}

/** Reads bytes, with k, m or g for powers of 1024; undefined if nothing is set. Throws `config_invalid`. */
export function readBytes(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  const [, digits, unit = ''] = /^(\d+)\s*([kmg]?)(?:i?b)?$/i.exec(text) ?? [];
  const bytes = Number(digits) * 1024 ** ['', 'k', 'm', 'g'].indexOf(unit.toLowerCase());
  if (digits && bytes > 0 && Number.isSafeInteger(bytes)) return bytes;
  throw invalidSetting(name, `"${text}" is not a size like 33554432 or 32m`);
}

/** Reads one of some words, in upper or lower case; undefined if nothing is set. Throws `config_invalid`. */
export function readWord<Word extends string>(text: string | undefined, words: readonly Word[], name: string): Word | undefined {
  if (text === undefined || text === '') return undefined;
  const lower = text.toLowerCase() === 'warning' ? 'warn' : text.toLowerCase();
  const word = words.find((each) => each === lower);
  if (word) return word;
  throw invalidSetting(name, `"${text}" is not one of ${words.join(', ')}${didYouMean(text, words)}`);
}
