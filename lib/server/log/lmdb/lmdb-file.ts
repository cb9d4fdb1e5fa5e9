import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { endianness } from 'node:os';
import { dirname } from 'node:path';
import { canBeRead } from './readable-store.js';

/** The file of a store is none of LMDB's, or not all of it. The message is one line for people: what, why, what to do. */
export class NotLmdbFile extends Error {
  override name = 'NotLmdbFile';
}

/** By this number LMDB knows its own files, in the machine's own order of bytes. */
const magic = 0xbeefc0de;

/** Within the header of the first page, at a place that differs with LMDB's version and the machine's word size. */
const magicPlaces = [12, 16, 20, 24];

/** A file begins with two pages that tell of it, of 4 KiB at least. */
const bytesMin = 2 * 4096;

/** Where those pages have what, from the magic number on, on a machine with words of 8 bytes. */
const places = { pageBytes: 24, freeRoot: 64, mainRoot: 112, lastPage: 120, transaction: 128, end: 136 };

/** The root of a tree that is empty. */
const noPage = 2n ** 64n - 1n;

/**
 * Throws `NotLmdbFile` if there is something in `path` that LMDB did not write, or of which the beginning or the end is
 * lost: told to open or read it, LMDB does not refuse but ends the process. No file and an empty one are a store's beginning.
 * What is damaged in its middle is not noticed.
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
  const magicPlace = magicPlaces.find((place) => beginning.length === bytesMin && wordAt(beginning, place) === magic);
  if (magicPlace === undefined) {
    throw new NotLmdbFile(
      `${path} is no store of this program, or is damaged at its beginning. ` +
        'Move it away or put a copy of the store in its place, or name another directory.',
    );
  }
  const { needed, expected } = lengths(file, magicPlace);
  // Its last pages may be free ones that were never written, and LMDB says which only to those who open it.
  if (size >= expected || (size >= needed && canBeRead(dirname(path)))) return;
  throw new NotLmdbFile(
    `${path} is cut off: it has ${size} bytes of ${expected}. ` +
      'Put a copy of the store in its place, or move it away or name another directory.',
  );
}

/**
 * How many bytes the file is expected to have by what its newest transaction says, and how many it needs so that the
 * roots of its trees are there; both 0 where that cannot be told.
 */
function lengths(file: number, magicPlace: number): { readonly needed: number; readonly expected: number } {
  const unknown = { needed: 0, expected: 0 };
  if (/^(arm|ia32|mips|mipsel|ppc|s390)$/.test(process.arch)) return unknown;
  const pageBytes = wordAt(bytesAt(file, magicPlace + places.pageBytes, 4), 0);
  const [first, second] = [0, pageBytes].map((page) => bytesAt(file, page + magicPlace, places.end));
  if (first?.length !== places.end || second?.length !== places.end || wordAt(second, 0) !== magic) return unknown;
  const newest = longAt(second, places.transaction) > longAt(first, places.transaction) ? second : first;
  const roots = [places.freeRoot, places.mainRoot]
    .map((place) => longAt(newest, place))
    .filter((page) => page !== noPage);
  const bytesUpTo = (page: bigint) => (Number(page) + 1) * pageBytes;
  return {
    needed: Math.max(0, ...roots.map(bytesUpTo)),
    expected: bytesUpTo(longAt(newest, places.lastPage)),
  };
}

function wordAt(bytes: Buffer, place: number): number {
  return endianness() === 'LE' ? bytes.readUInt32LE(place) : bytes.readUInt32BE(place);
}

function longAt(bytes: Buffer, place: number): bigint {
  return endianness() === 'LE' ? bytes.readBigUInt64LE(place) : bytes.readBigUInt64BE(place);
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Up to `count` bytes of a file from `place` on. */
function bytesAt(file: number, place: number, count: number): Buffer {
  const bytes = Buffer.alloc(count);
  return bytes.subarray(0, readSync(file, bytes, 0, count, place));
}
