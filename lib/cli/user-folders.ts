import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';

/** What a program keeps for its user: `data`, what it is for; `state`, what is worth keeping but not that. */
type UserFolder = 'data' | 'state';

const folders = {
  data: { variable: 'XDG_DATA_HOME', inHome: ['.local', 'share'] },
  state: { variable: 'XDG_STATE_HOME', inHome: ['.local', 'state'] },
} as const;

/**
 * The program's folder among its user's (XDG Base Directory Specification): `chit-chat` in `$XDG_DATA_HOME` or
 * `~/.local/share`, in `$XDG_STATE_HOME` or `~/.local/state`. As the specification has it, a variable that is no
 * absolute path is ignored. Undefined for a user without a home, as there are in containers.
 */
export function userFolder(folder: UserFolder, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const { variable, inHome } = folders[folder];
  const named = env[variable];
  if (named && isAbsolute(named)) return join(named, 'chit-chat');
  const home = homeFolder(env);
  return home && join(home, ...inHome, 'chit-chat');
}

/**
 * Where a store goes that is not named: the user's data folder, or `.chit-chat` in the folder where the program was
 * started for a user who has no home or may write nothing there (`isElsewhere`), as in containers.
 */
export function storeFolder(env: NodeJS.ProcessEnv = process.env): {
  readonly path: string;
  readonly isElsewhere: boolean;
} {
  const folder = userFolder('data', env);
  const isElsewhere = folder === undefined || !canBeMade(folder);
  return { path: isElsewhere ? resolve('.chit-chat') : folder, isElsewhere };
}

/** Whether a folder is there or this user may make it. */
function canBeMade(folder: string): boolean {
  if (existsSync(folder)) return true;
  let parent = folder;
  while (!existsSync(parent)) parent = dirname(parent);
  try {
    accessSync(parent, constants.W_OK);
    return statSync(parent).isDirectory();
  } catch {
    return false;
  }
}

function homeFolder(env: NodeJS.ProcessEnv): string | undefined {
  if (env.HOME) return isAbsolute(env.HOME) ? env.HOME : undefined;
  try {
    // The system's own list of users, which the variable goes before.
    const home = homedir();
    return isAbsolute(home) ? home : undefined;
  } catch {
    return undefined;
  }
}
