import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type CheckParts, checkStore, type StoreReport } from './check-store.js';
import { type CutReport, cutStore } from './cut-store.js';
import { checkLmdbFile, NotLmdbFile } from './lmdb-file.js';
import { StoreLock } from './store-lock.js';

export interface StoreCheckParts extends CheckParts {
  /** Whether rooms that are damaged are ended at their last good event (`cutStore`); nothing is done where all is good. */
  readonly cut?: boolean;
}

/**
 * Looks at all of the store in `directory`, which nobody else can open meanwhile, and makes it anew of what is good if that is wanted and
 * needed. Rejects with `StoreInUse` while a server has it, with `NotLmdbFile` where there is no store, and with the system's error.
 */
export async function checkedStore(
  directory: string,
  { cut = false, ...parts }: StoreCheckParts,
): Promise<StoreReport | CutReport> {
  if (!existsSync(join(directory, 'data.mdb'))) throw new NotLmdbFile(`There is no store in ${directory}.`);
  const lock = StoreLock.take(directory);
  try {
    const report = checkStore(directory, parts);
    if (!cut || isGood(report)) return report;
    const done = await cutStore(directory, parts);
    // What LMDB makes of what was made.
    checkLmdbFile(join(directory, 'data.mdb'));
    return done;
  } finally {
    lock.release();
  }
}

/** Whether all of a store is as it was written. */
export function isGood({ faults, lmdbReads, rooms, format }: StoreReport): boolean {
  if (faults.length > 0 || !lmdbReads || !Number.isSafeInteger(format)) return false;
  return rooms.every(
    ({ good, newest, headSound, snapshotsDamaged }) => good === newest && headSound && snapshotsDamaged === 0,
  );
}
