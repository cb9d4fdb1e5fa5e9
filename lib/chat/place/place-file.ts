import { rmSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import type { SavedSession } from '../../client/chat-client.js';
import { FileLock, LockHeld } from '../../platform/file-lock.js';
import { placeText } from './place-text.js';
import { readPlace } from './read-place.js';

/** A living client keeps its place in the file; `holder` is its process id, empty where that is not known. */
export class PlaceInUse extends Error {
  override name = 'PlaceInUse';
  readonly holder: string;

  constructor(holder: string) {
    super(`in use by process ${holder || 'unknown'}`);
    this.holder = holder;
  }
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

  /** Throws `PlaceInUse` if a living client has it; errors of the operating system and of the lock pass through. */
  static open(path: string): PlaceFile {
    const file = new PlaceFile(path, openLock(`${path}.chit-lock`));
    try {
      // What a client that was killed had begun to write.
      rmSync(file.#next, { force: true });
      return file;
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** The place in it, undefined if there is none. Throws `PlaceUnusable`. */
  read(): SavedSession | undefined {
    return readPlace(this.path);
  }

  /** Replaces the place in it by this one, as a whole or not at all. Rejects with the system's error. */
  async write(place: SavedSession): Promise<void> {
    try {
      const file = await open(this.#next, 'wx', 0o600);
      try {
        await file.writeFile(placeText(place));
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
    return `${this.path}.chit-new`;
  }
}

function openLock(path: string): FileLock {
  try {
    return FileLock.takeCarefully(path);
  } catch (error) {
    throw error instanceof LockHeld ? new PlaceInUse(error.holder) : error;
  }
}
