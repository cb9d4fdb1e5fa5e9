import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

/** A file of this name in the user's state directory: `$XDG_STATE_HOME/chit-chat`, or `~/.local/state/chit-chat`. */
export function stateFile(name: string, stateHome = process.env.XDG_STATE_HOME): string {
  const state = stateHome && isAbsolute(stateHome) ? stateHome : join(homedir(), '.local', 'state');
  return join(state, 'chit-chat', name);
}

/** Makes the folder of a file there, where only the user may read. Throws the system's error. */
export function makeStateFolder(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
}

/**
 * `text` as a part of a file's name, of at most `lengthMax` UTF-16 units (file systems allow 255 bytes in all). Different
 * texts may become the same one.
 */
export function fileNamePart(text: string, lengthMax: number): string {
  return (
    text
      .replace(/[^\p{L}\p{M}\p{N}._-]/gu, '_')
      .slice(0, lengthMax)
      .toWellFormed() || '_'
  );
}
