import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

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
