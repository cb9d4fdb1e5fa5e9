import { join } from 'node:path';
import { FileLock, LockHeld } from '../../../platform/file-lock.js';
import { StoreInUse } from '../event-log.js';

/** The right to be the only user of a store's directory, until `release` or the end of the process, however it ends. */
export class StoreLock {
  readonly #lock: FileLock;

  private constructor(lock: FileLock) {
    this.#lock = lock;
  }

  /**
   * Throws `StoreInUse` if another process, or this one, holds the lock of `directory`; errors of the operating system
   * pass through. `command`: see `FileLock.take`.
   */
  static take(directory: string, command?: string): StoreLock {
    try {
      return new StoreLock(FileLock.take(join(directory, 'lock'), command));
    } catch (error) {
      throw error instanceof LockHeld ? new StoreInUse(inUse(directory, error)) : error;
    }
  }

  /** Whether the one who had it before ended without letting it go. */
  get wasLeft(): boolean {
    return this.#lock.wasLeft;
  }

  /** Lets the directory go. */
  release(): void {
    this.#lock.release();
  }
}

function inUse(directory: string, { holder, claim }: LockHeld): string {
  if (claim) {
    return (
      `The store ${directory} was taken by process ${holder} of another container or machine, which cannot be looked at from here. ` +
      `If it is over, remove ${claim}; with the command flock on PATH (util-linux) nothing would be left behind.`
    );
  }
  return (
    `The store ${directory} is in use by process ${holder || 'unknown'}. ` +
    'Stop that process, or give this one a directory of its own.'
  );
}
