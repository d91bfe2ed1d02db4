import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** The folder for state: `$XDG_STATE_HOME/tapline`, else the platform's usual place; undefined if there is no home. */
export function stateDirOf(variables: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): string | undefined {
  const { XDG_STATE_HOME: xdg, LOCALAPPDATA: local } = variables;
  if (xdg && isAbsolute(xdg)) return join(xdg, 'tapline'); // the XDG specification: ignore a relative one
  if (platform === 'win32' && local) return join(local, 'tapline');
  const home = homeOf(variables, platform);
  if (!home) return undefined;
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'tapline');
  return platform === 'win32' ? join(home, 'AppData', 'Local', 'tapline') : join(home, '.local', 'state', 'tapline');
}

function homeOf({ HOME, USERPROFILE }: NodeJS.ProcessEnv, platform: NodeJS.Platform): string | undefined {
  const home = platform === 'win32' ? USERPROFILE : HOME;
  try {
    return home || homedir();
  } catch {
    return undefined; // the system's list of users has no entry, as in some containers
  }
}
