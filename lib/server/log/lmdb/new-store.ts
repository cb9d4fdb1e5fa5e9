import { closeSync, existsSync, openSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { flush } from '../../../platform/directory.js';

/** While this file is there, the store's file was begun and never used: LMDB writes its beginning in several steps. */
const markName = 'unfinished';

/** Whether there is no store in `directory`, or an empty file in its place: then LMDB begins one. */
export function isNewStore(directory: string): boolean {
  return (statSync(join(directory, 'data.mdb'), { throwIfNoEntry: false })?.size ?? 0) === 0;
}

/** Before a store is begun in `directory`: until `markFinished` it may be in any state. Throws the system's error. */
export function markUnfinished(directory: string): void {
  closeSync(openSync(join(directory, markName), 'a', 0o600));
  flush(directory);
}

/**
 * The store that was begun in `directory` is whole, and about to be used: it is durable from here on. Throws the
 * system's error.
 */
export function markFinished(directory: string): void {
  flush(join(directory, 'data.mdb'));
  rmSync(join(directory, markName));
  flush(directory);
}

/**
 * Empties the file of a store that was begun in `directory` and not finished: no participant was told anything of it.
 * Throws the system's error.
 */
export function dropUnfinished(directory: string): void {
  if (existsSync(join(directory, markName))) closeSync(openSync(join(directory, 'data.mdb'), 'w', 0o600));
}
