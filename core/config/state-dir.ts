import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Where a program of the user's keeps what outlives it: `$XDG_STATE_HOME/tapline`, else the platform's place; undefined where there is no home. */
export function stateDirOf(variables: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): string | undefined {
  const { XDG_STATE_HOME: xdg, LOCALAPPDATA: local } = variables;
  if (xdg && isAbsolute(xdg)) return join(xdg, 'tapline'); // the XDG specification: a relative one is to be ignored
  if (platform === 'win32' && local) return join(local, 'tapline');
  const home = homeOf(variables, platform);
  if (!home) return undefined;
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'tapline');
  return platform === 'win32' ? join(home, 'AppData', 'Local', 'tapline') : join(home, '.local', 'state', 'tapline');
}

function homeOf({ HOME, USERPROFILE }: NodeJS.ProcessEnv, platform: NodeJS.Platform): string | undefined {
  const told = platform === 'win32' ? USERPROFILE : HOME;
  try {
    return told || homedir();
  } catch {
    return undefined; // a user without an entry in the system's list, as in a container
  }
}
