import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import {
  readSavedSession,
  SavedSessionFile,
  SavedSessionInUse,
  SavedSessionUnusable,
} from '../chat/saved-session/saved-session-file.js';
import { isSavedSessionOf } from '../chat/saved-session/saved-session-text.js';
import type { SavedSession } from '../client/index.js';
import { makeDirectory } from '../platform/directory.js';
import { FileLock, LockHeld } from '../platform/file-lock.js';
import { userFolder } from './user-folders.js';

/** Who a client is to its files: two that differ in any of these have files of their own. */
export interface ClientIdentity {
  readonly server: string;
  readonly room: string;
  readonly name: string;
}

/** Of each part of a file's name, in UTF-16 units. */
const partLengthMax = 24;

/** Living clients of one identity that have a log file each; one more has none. */
const logFilesMax = 100;

/**
 * Where a client at a terminal keeps its session unless it is told otherwise: `<room>-<name>@<server>-<hash>.place` in
 * the user's state folder. Undefined for a user without a home.
 */
export function defaultStateFile(client: ClientIdentity, env?: NodeJS.ProcessEnv): string | undefined {
  const folder = userFolder('state', env);
  return folder && join(folder, `${fileName(client)}.place`);
}

/** Where such clients' logs are: the first's `<room>-<name>@<server>-<hash>.log`. Undefined for a user without home. */
export function defaultLogFile(client: ClientIdentity, env?: NodeJS.ProcessEnv): string | undefined {
  const folder = userFolder('state', env);
  return folder && join(folder, `${fileName(client)}.log`);
}

/** A log file that no other living client writes to. */
export interface OwnLogFile {
  readonly path: string;
  /** Lets the next client append to it. */
  release(): void;
}

/**
 * `first`, a name that ends in `.log`, or where a living client has that the next one free of `….2.log`, `….3.log` and
 * so on: what two clients write into one file belongs to neither. Makes its folder. Throws the errors of the system and
 * of the lock.
 */
export function ownLogFile(first: string): OwnLogFile {
  makeDirectory(dirname(first));
  for (let number = 1; number <= logFilesMax; number += 1) {
    const path = number === 1 ? first : first.replace(/\.log$/, `.${number}.log`);
    try {
      const lock = FileLock.takeCarefully(`${path}.chit-lock`);
      return { path, release: () => lock.remove() };
    } catch (error) {
      if (!(error instanceof LockHeld)) throw error;
    }
  }
  throw new Error(`${logFilesMax} clients of this name have a log each`);
}

/** The hash tells those apart whose names are written the same. */
function fileName({ server, room, name }: ClientIdentity): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([server, room, name]))
    .digest('hex')
    .slice(0, 12);
  const [inRoom, called, at] = [room, name, server].map(fileNamePart);
  return `${inRoom}-${called}@${at}-${hash}`;
}

/** `text` as a part of a file's name (file systems allow 255 bytes in all). Different texts may become the same one. */
function fileNamePart(text: string): string {
  return (
    text
      .replace(/[^\p{L}\p{M}\p{N}._-]/gu, '_')
      .slice(0, partLengthMax)
      .toWellFormed() || '_'
  );
}

/** The file in which a client keeps its session, and what an earlier one has left there. */
export interface FoundSession {
  /** Undefined where none is kept. */
  readonly file: SavedSessionFile | undefined;
  /** Undefined where there is nothing to go on with. */
  readonly saved: SavedSession | undefined;
  /** What the user should know of it, in sentences. */
  readonly news: readonly string[];
}

export const noSavedSession: FoundSession = { file: undefined, saved: undefined, news: [] };

/** Whose a session is. */
type Whose = Pick<SavedSession, 'server' | 'room' | 'name'>;

/**
 * Takes the file at `path` and what is in it of this participant. One that another client has is left alone, and it is
 * told of. What cannot be gone on with is replaced and told of, and the session begins anew; but where the user has
 * `named` the file, only a damaged one is. Everything else could be of use to somebody: then it throws
 * `SavedSessionUnusable`, and nothing is touched. Throws the errors of the system and of the lock, too.
 */
export function findSavedSession(path: string, whose: Whose, named: boolean): FoundSession {
  // Before a lock is laid beside it.
  if (named) look(path, whose, named);
  let file: SavedSessionFile;
  try {
    file = SavedSessionFile.open(path);
  } catch (error) {
    if (!(error instanceof SavedSessionInUse)) throw error;
    const by = error.holder && ` (process ${error.holder})`;
    return {
      ...noSavedSession,
      news: [`Another chit-client${by} keeps its place in ${path}, so this one keeps none.`],
    };
  }
  try {
    return { file, ...look(path, whose, named) };
  } catch (error) {
    file.close();
    throw error;
  }
}

function look(path: string, whose: Whose, named: boolean): Omit<FoundSession, 'file'> {
  try {
    const saved = readSavedSession(path);
    if (!saved || isSavedSessionOf(saved, whose)) return { saved: saved, news: [] };
    throw new SavedSessionUnusable(`it is the place of ${saved.name} in ${saved.room} on ${saved.server}`);
  } catch (error) {
    if (!(error instanceof SavedSessionUnusable) || (named && !error.replaceable)) throw error;
    return {
      saved: undefined,
      news: [`The place in ${path} cannot be used: ${error.message}. You join anew.`],
    };
  }
}
