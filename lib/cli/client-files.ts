import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
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
 * Where a client at a terminal keeps its place unless it is told otherwise: `<room>-<name>@<server>-<hash>.place` in the user's
 * state folder. Undefined for a user without a home.
 */
export function defaultPlaceFile(client: ClientIdentity, env?: NodeJS.ProcessEnv): string | undefined {
  const folder = userFolder('state', env);
  return folder && join(folder, `${fileName(client)}.place`);
}

/** Where the logs of such clients are: the first one's `<room>-<name>@<server>-<hash>.log`. Undefined for a user without a home. */
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
 * `first`, a name that ends in `.log`, or where a living client has that the next one free of `….2.log`, `….3.log` and so on: what
 * two clients write into one file belongs to neither. Makes its folder. Throws the errors of the system and of the lock.
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
