import { closeSync, constants, fstatSync, openSync, readFileSync, rmSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { FileLock, LockHeld } from '../../locks/file-lock.js';
import type { VisitPlace } from '../chat-client.js';
import { clientLimits } from '../limits.js';
import { PlaceDamaged, placeFrom, placeText } from './place-text.js';

/** A living client keeps its place in the file; `holder` is its process id, empty where that is not known. */
export class PlaceInUse extends Error {
  override name = 'PlaceInUse';
  readonly holder: string;

  constructor(holder: string) {
    super(`in use by process ${holder || 'unknown'}`);
    this.holder = holder;
  }
}

/** The file cannot be gone on with; the message says why. */
export class PlaceUnusable extends Error {
  override name = 'PlaceUnusable';
}

/**
 * The file in which one client keeps the place of its visit. Whoever can read it can speak as the participant, so it is
 * its user's alone. It is held by a lock beside it, so that a second client with the same file neither takes the first
 * one's session nor writes over its place; a killed one holds nothing.
 */
export class PlaceFile {
  readonly path: string;
  readonly #lock: FileLock;

  private constructor(path: string, lock: FileLock) {
    this.path = path;
    this.#lock = lock;
  }

  /** Throws `PlaceInUse` if a living client has it; errors of the operating system pass through. */
  static open(path: string): PlaceFile {
    try {
      const file = new PlaceFile(path, FileLock.take(`${path}.lock`));
      // What a client that was killed had begun to write.
      rmSync(file.#next, { force: true });
      return file;
    } catch (error) {
      throw error instanceof LockHeld ? new PlaceInUse(error.holder) : error;
    }
  }

  /** The place in it, undefined if there is none. Throws `PlaceUnusable`. */
  read(): VisitPlace | undefined {
    try {
      return placeFrom(this.#text());
    } catch (error) {
      if (error instanceof PlaceUnusable) throw error;
      if (error instanceof PlaceDamaged) throw new PlaceUnusable(`it is damaged: ${error.message}`);
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return undefined;
      throw new PlaceUnusable(code === 'ELOOP' ? 'it is a link' : message);
    }
  }

  /** Replaces the place in it by this one, as a whole or not at all. Rejects with the system's error. */
  async write(place: VisitPlace): Promise<void> {
    try {
      const file = await open(this.#next, 'wx', 0o600);
      try {
        await file.writeFile(placeText(place));
      } finally {
        await file.close();
      }
      await rename(this.#next, this.path);
    } catch (error) {
      await rm(this.#next, { force: true });
      throw error;
    }
  }

  /** Removes the place. Rejects with the system's error. */
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
    return `${this.path}.new`;
  }

  #text(): string {
    // A pipe would have to be waited for.
    const file = openSync(this.path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const { mode, size, uid } = fstatSync(file);
      if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw new PlaceUnusable('it is no regular file');
      if (uid !== process.getuid?.()) throw new PlaceUnusable('it belongs to another user');
      const others = mode & 0o077;
      if (others !== 0) throw new PlaceUnusable(`others can read or write it (mode ${(mode & 0o777).toString(8)})`);
      if (size > clientLimits.placeFileBytesMax) throw new PlaceUnusable('it is too long to be a place');
      return readFileSync(file, 'utf8');
    } finally {
      closeSync(file);
    }
  }
}
