import { closeSync, constants, fstatSync, openSync, readFileSync, rmSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import type { SavedSession } from '../../client/chat-client.js';
import { FileLock, LockHeld } from '../../platform/file-lock.js';
import { chatLimits } from '../limits.js';
import { beginsAsSavedSession, SavedSessionDamaged, savedSessionFrom, savedSessionText } from './saved-session-text.js';

/** A living client keeps its session in the file; `holder` is its process id, empty where that is not known. */
export class SavedSessionInUse extends Error {
  override name = 'SavedSessionInUse';
  readonly holder: string;

  constructor(holder: string) {
    super(`in use by process ${holder || 'unknown'}`);
    this.holder = holder;
  }
}

/**
 * The file in which one client keeps its session. Whoever can read it can speak as the participant, so it is
 * its user's alone. It is held by a lock beside it, so that a second client with the same file neither takes the first
 * one's session nor writes over it; a killed one holds nothing.
 */
export class SavedSessionFile {
  readonly path: string;
  readonly #lock: FileLock;

  private constructor(path: string, lock: FileLock) {
    this.path = path;
    this.#lock = lock;
  }

  /** Throws `SavedSessionInUse` if a living client has it; errors of the system and of the lock pass through. */
  static open(path: string): SavedSessionFile {
    const file = new SavedSessionFile(path, openLock(`${path}.chit-lock`));
    try {
      // What a client that was killed had begun to write.
      rmSync(file.#next, { force: true });
      return file;
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** Replaces the session in it by this one, as a whole or not at all. Rejects with the system's error. */
  async write(saved: SavedSession): Promise<void> {
    try {
      const file = await open(this.#next, 'wx', 0o600);
      try {
        await file.writeFile(savedSessionText(saved));
        // Else a loss of power could leave the new name with nothing in it.
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(this.#next, this.path);
    } catch (error) {
      await rm(this.#next, { force: true });
      throw error;
    }
  }

  /** Removes it. Rejects with the system's error. */
  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }

  /** Lets go of the file. */
  close(): void {
    try {
      this.#lock.remove();
    } catch {
      // The end of the process lets go of it too.
    }
  }

  get #next(): string {
    return `${this.path}.chit-new`;
  }
}

function openLock(path: string): FileLock {
  try {
    return FileLock.takeCarefully(path);
  } catch (error) {
    throw error instanceof LockHeld ? new SavedSessionInUse(error.holder) : error;
  }
}

/** The file cannot be gone on with; the message says why. */
export class SavedSessionUnusable extends Error {
  override name = 'SavedSessionUnusable';
  /** Whether it is nevertheless a session that a client of this user has kept, and may be replaced by another. */
  readonly replaceable: boolean;

  constructor(message: string, replaceable = false) {
    super(message);
    this.replaceable = replaceable;
  }
}

/** The session in the file at `path`, undefined if there is no file or nothing in it. Throws `SavedSessionUnusable`. */
export function readSavedSession(path: string): SavedSession | undefined {
  try {
    // A pipe would have to be waited for.
    const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      return savedIn(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (error instanceof SavedSessionUnusable) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new SavedSessionUnusable(code === 'ELOOP' ? 'it is a link' : message);
  }
}

function savedIn(file: number): SavedSession | undefined {
  const { mode, size, uid } = fstatSync(file);
  if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw new SavedSessionUnusable('it is no regular file');
  if (uid !== process.getuid?.()) throw new SavedSessionUnusable('it belongs to another user');
  if (size === 0) return undefined;
  if (size > chatLimits.savedSessionBytesMax)
    throw new SavedSessionUnusable('it is too long to be a place of chit-client');
  const saved = savedFrom(readFileSync(file, 'utf8'));
  if ((mode & 0o077) === 0) return saved;
  throw new SavedSessionUnusable(`others can read or write it (mode ${(mode & 0o777).toString(8)})`, true);
}

function savedFrom(text: string): SavedSession {
  try {
    return savedSessionFrom(text);
  } catch (error) {
    if (!(error instanceof SavedSessionDamaged)) throw error;
    if (!beginsAsSavedSession(text)) throw new SavedSessionUnusable('it is no place of chit-client');
    throw new SavedSessionUnusable(`it is damaged: ${error.message}`, true);
  }
}
