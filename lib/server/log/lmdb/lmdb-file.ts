import { spawnSync } from 'node:child_process';
import { closeSync, fstatSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { endianness } from 'node:os';
import { dirname, join } from 'node:path';
import {
  bytesAt,
  canReadPages,
  LmdbPages,
  lmdbMagic,
  newestMeta,
  noPage,
  openIfThere,
  type PageFault,
} from './lmdb-pages.js';

/** A store's file is not LMDB's, or a part of it is missing. The message is one line: what, why, what to do. */
export class NotLmdbFile extends Error {
  override name = 'NotLmdbFile';
}

/** The file of a store is damaged so that LMDB could end the process over it. The message is one line for people. */
export class StoreDamaged extends Error {
  override name = 'StoreDamaged';

  constructor(directory: string, what: string) {
    super(
      `The store ${directory} is damaged: ${what}. See with "chit-server check ${directory}" what of it is good, and have that ` +
        'saved with --cut; or put a copy of the store in its place.',
    );
  }
}

/** Where LMDB's number may be, in the machine's order of bytes: that depends on LMDB's version and the word size. */
const magicPlaces = [12, 16, 20, 24];

/** A file begins with two pages that describe it, of 4 KiB at least. */
const bytesMin = 2 * 4096;

/**
 * Throws `NotLmdbFile` if LMDB did not write what is at `path`, or if its beginning or its end is lost: LMDB does not
 * refuse such a file, but ends the process. No file, and an empty one, is a store's beginning. Damage in the middle is
 * not noticed.
 */
export function checkLmdbFile(path: string): void {
  const file = openIfThere(path);
  if (file === undefined) return;
  try {
    check(path, file);
  } finally {
    closeSync(file);
  }
}

function check(path: string, file: number): void {
  const { size } = fstatSync(file);
  if (size === 0) return;
  const beginning = bytesAt(file, 0, bytesMin);
  const wordAt = (place: number) =>
    endianness() === 'LE' ? beginning.readUInt32LE(place) : beginning.readUInt32BE(place);
  if (beginning.length < bytesMin || !magicPlaces.some((place) => wordAt(place) === lmdbMagic)) {
    throw new NotLmdbFile(
      `${path} is no store of this program, or is damaged at its beginning. ` +
        'Move it away or put a copy of the store in its place, or name another directory.',
    );
  }
  const meta = canReadPages() ? newestMeta(file) : undefined;
  if (!meta) return;
  const bytesUpTo = (page: number) => (page === noPage ? 0 : (page + 1) * meta.pageBytes);
  const expected = bytesUpTo(meta.lastPage);
  const needed = Math.max(bytesUpTo(meta.free.root), bytesUpTo(meta.main.root));
  // Its last pages may be free ones that were never written, and LMDB tells which only when it has opened the file.
  if (size >= expected || (size >= needed && canBeRead(dirname(path)))) return;
  throw new NotLmdbFile(
    `${path} is cut off: it has ${size} bytes of ${expected}. ` +
      'Put a copy of the store in its place, or move it away or name another directory.',
  );
}

/**
 * Throws `StoreDamaged` where the pages of the store in `directory` are not as LMDB leaves them. Takes about a second
 * for a million events; a file of more than `bytesMax` is not looked at.
 */
export function checkStructure(directory: string, bytesMax = Number.POSITIVE_INFINITY): void {
  const path = join(directory, 'data.mdb');
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0 || size > bytesMax || !canReadPages()) return;
  const pages = LmdbPages.open(path);
  if (!pages) throw new StoreDamaged(directory, 'what its first pages say of it cannot be read');
  try {
    pages.walk();
  } finally {
    pages.close();
  }
  const [first, ...more] = pages.faults;
  if (first)
    throw new StoreDamaged(directory, described(first) + (more.length > 0 ? ` (and ${more.length} more)` : ''));
}

/** `page 17 is used twice` */
export function described({ page, what }: PageFault): string {
  return `page ${page} ${what}`;
}

/** Reads every record of a store; where one cannot be read, its process ends. */
const readAll = `
const [library, path] = process.argv.slice(1);
const { open } = require(library);
const root = open({ path, noSubdir: false, readOnly: true, encoding: 'binary' });
for (const name of [...root.getKeys()]) {
  for (const { value } of root.openDB(String(name), { encoding: 'binary' }).getRange()) value.length;
}
`;

/**
 * Whether LMDB can read the store in `directory` from end to end. Where it cannot, it ends the process that tries, so
 * another process does: that takes as long as reading it all, and is for a store that is in doubt.
 */
export function canBeRead(directory: string): boolean {
  const library = createRequire(import.meta.url).resolve('lmdb');
  const args = ['--input-type=commonjs', '--eval', readAll, library, directory];
  return spawnSync(process.execPath, args, { stdio: 'ignore' }).status === 0;
}
