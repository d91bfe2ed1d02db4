import { fstatSync, readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';

const IGNORED_HANGUP = 1n; // SIGHUP is signal 1, the lowest bit

/**
 * True if SIGHUP was ignored when we started, as `nohup` does. Node resets ignored signals before any script runs
 * (24.21), so that only traces are left: the shell's name of the command, the standard input that GNU nohup makes
 * unreadable, and a parent that ignores the signal itself (`trap '' HUP` in a script).
 */
export function ignoresHangup(): boolean {
  return basename(process.env['_'] ?? '') === 'nohup' || parentIgnoresIt() || cannotReadInput();
}

function parentIgnoresIt(): boolean {
  const [, mask] = /^SigIgn:\s*([0-9a-f]+)/m.exec(readIfThere(`/proc/${process.ppid}/status`)) ?? [];
  return mask !== undefined && (BigInt(`0x${mask}`) & IGNORED_HANGUP) === IGNORED_HANGUP;
}

/** GNU nohup opens /dev/null for writing only. */
function cannotReadInput(): boolean {
  const [, flags] = /^flags:\s*([0-7]+)/m.exec(readIfThere('/proc/self/fdinfo/0')) ?? [];
  return flags !== undefined && (Number.parseInt(flags, 8) & 3) === 1 && isNull();
}

function isNull(): boolean {
  try {
    return fstatSync(0).rdev === statSync('/dev/null').rdev;
  } catch {
    return false;
  }
}

/** Only Linux has these files. */
function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
