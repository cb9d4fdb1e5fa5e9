import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

/** Of each part of the file's name, in UTF-16 units: file systems allow 255 bytes. */
const partLengthMax = 40;

/** Where a client logs if it is not told otherwise: `chit-chat/<room>-<name>.log` in the user's state directory. */
export function defaultLogFile(room: string, name: string, stateHome = process.env.XDG_STATE_HOME): string {
  const state = stateHome && isAbsolute(stateHome) ? stateHome : join(homedir(), '.local', 'state');
  return join(state, 'chit-chat', `${fileNamePart(room)}-${fileNamePart(name)}.log`);
}

/** Makes the folder of a log file, where only the user may read. Throws the system's error. */
export function makeLogFolder(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
}

function fileNamePart(text: string): string {
  return (
    text
      .replace(/[^\p{L}\p{M}\p{N}._-]/gu, '_')
      .slice(0, partLengthMax)
      .toWellFormed() || '_'
  );
}
