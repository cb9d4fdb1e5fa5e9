import { closeSync, openSync, readSync } from 'node:fs';
import { endianness } from 'node:os';

/** The file of a store is none of LMDB's. The message is one line for people: what, why, what to do. */
export class NotLmdbFile extends Error {
  override name = 'NotLmdbFile';
}

/** By this number LMDB knows its own files, in the machine's own order of bytes. */
const magic = 0xbeefc0de;

/** Within the header of the first page, at a place that differs with LMDB's version and the machine's word size. */
const magicPlaces = [12, 16, 20, 24];

/** A file begins with two pages that tell of it, of 4 KiB at least. */
const bytesMin = 2 * 4096;

/**
 * Throws `NotLmdbFile` if there is something in `path` that LMDB did not write, or of which the beginning is lost: told
 * to open it, LMDB does not refuse but ends the process. No file and an empty one are a store's beginning.
 */
export function checkLmdbFile(path: string): void {
  const beginning = firstBytes(path, bytesMin);
  if (!beginning || beginning.length === 0) return;
  const wordAt = (place: number) =>
    endianness() === 'LE' ? beginning.readUInt32LE(place) : beginning.readUInt32BE(place);
  if (beginning.length === bytesMin && magicPlaces.some((place) => wordAt(place) === magic)) return;
  throw new NotLmdbFile(
    `${path} is no store of this program, or is damaged at its beginning. ` +
      'Move it away or put a copy of the store in its place, or name another directory.',
  );
}

/** Up to `count` bytes of a file, or undefined where there is none. */
function firstBytes(path: string, count: number): Buffer | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const bytes = Buffer.alloc(count);
    return bytes.subarray(0, readSync(file, bytes, 0, count, 0));
  } finally {
    closeSync(file);
  }
}
