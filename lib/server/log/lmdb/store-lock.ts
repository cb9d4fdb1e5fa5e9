import { join } from 'node:path';
import { FileLock, LockHeld } from '../../../platform/file-lock.js';
import { StoreInUse } from '../event-log.js';

/**
 * The right to be the only user of a store's directory, until `release` or the end of the process, however it ends.
 * Throws `StoreInUse` if another process, or this one, holds it; errors of the operating system pass through.
 * `command`: see `FileLock.take`.
 */
export function lockStore(directory: string, command?: string): FileLock {
  try {
    return FileLock.take(join(directory, 'lock'), command);
  } catch (error) {
    throw error instanceof LockHeld ? new StoreInUse(inUse(directory, error)) : error;
  }
}

function inUse(directory: string, { holder, claim }: LockHeld): string {
  return claim
    ? `The store ${directory} was taken by process ${holder} of another container or machine, which cannot be looked at from here. ` +
        `If it is over, remove ${claim}; with the command flock on PATH (util-linux) nothing would be left behind.`
    : `The store ${directory} is in use by process ${holder || 'unknown'}. ` +
        'Stop that process, or give this one a directory of its own.';
}
