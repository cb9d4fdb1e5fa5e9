import { closeSync, fstatSync, ftruncate, ftruncateSync, openSync, writeSync, writev } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What is written, at most so many times in one write, because each write is a way to another thread and back. */
const zeros = Buffer.alloc(64 * 1024);
const zerosAtOnceMax = 32;

/**
 * Space behind what LMDB uses of its file, written with zeros before LMDB writes there itself: where the disk is full,
 * that fails, and LMDB never tries to write what it cannot. A failed write of its own may cost more than the write:
 * lmdb 3.5 formats the message for one into too small a buffer (its mdb.c, "Attempting to write page"), and the process
 * may end. It keeps the file open: a process that has no descriptor left can still write.
 */
export class Headroom {
  readonly #path: string;
  readonly #growthBytes: number;
  /** Its descriptor, once it is open. */
  #file: number | undefined;
  /** The file's size, as far as it is known. */
  #bytes = 0;
  /** How many of the first bytes LMDB uses at most: what it said when asked last, and all that was needed since. */
  #usedMax = 0;
  /** The growing under way: two at once would write zeros over what LMDB writes meanwhile. */
  #growing: Promise<unknown> | undefined;

  /** `growthBytes`: by how much more than is needed the file grows, unless the disk has less. */
  constructor(path: string, growthBytes: number) {
    this.#path = path;
    this.#growthBytes = growthBytes;
  }

  /**
   * Makes the file long enough for a write of `needed` bytes behind the `used()` bytes that LMDB uses. `used` costs
   * LMDB a walk, so it is called only when the file would be too short if every write so far had been appended. No
   * other write may be under way. Rejects with the system's error when the disk has no space; the file is as before
   * then.
   */
  async ensure(needed: number, used: () => number): Promise<void> {
    if (!this.#fits(needed, used)) await this.#reach(this.#usedMax);
  }

  /**
   * Makes the file long enough for writes to come, of `needed` bytes altogether with the one that may be under way:
   * where each has its own `ensure`, that finds the space.
   */
  async ensureFree(needed: number, used: () => number): Promise<void> {
    const least = used() + needed;
    if (this.#bytes < least) await this.#reach(least);
  }

  /** Makes the file at least so long; one after the other. */
  async #reach(least: number): Promise<void> {
    while (this.#growing) await this.#growing;
    if (this.#bytes >= least) return;
    const file = this.open();
    const { size } = fstatSync(file);
    this.#bytes = size;
    if (size >= least) return;
    const grown = this.#grown(file, size, least);
    this.#growing = grown.catch(() => {});
    try {
      this.#bytes = await grown;
    } finally {
      this.#growing = undefined;
    }
  }

  /** The same for a store that is not in use yet; the file grows only by what is needed. */
  ensureSync(needed: number, used: () => number): void {
    if (this.#fits(needed, used)) return;
    const least = this.#usedMax;
    const file = this.open();
    const { size } = fstatSync(file);
    this.#bytes = Math.max(size, least);
    fillSync(file, size, least);
  }

  #fits(needed: number, used: () => number): boolean {
    this.#usedMax += needed;
    if (this.#bytes >= this.#usedMax) return true;
    this.#usedMax = used() + needed;
    return this.#bytes >= this.#usedMax;
  }

  /** Opens the file, which has to be there, unless it is open; the first `ensure` would. Throws the system's error. */
  open(): number {
    this.#file ??= openSync(this.#path, 'r+');
    return this.#file;
  }

  /** When no `ensure` is under way; the next one opens the file again. */
  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  /** Resolves with the new size. */
  async #grown(file: number, size: number, least: number): Promise<number> {
    try {
      return await filled(file, size, least + this.#growthBytes);
    } catch {
      return await filled(file, size, least);
    }
  }
}

/** What an empty store takes, with pages of 16 KiB, and the lock file that LMDB keeps beside it, in bytes. */
const emptyStoreBytes = 256 * 1024;
const lockFileBytes = 16 * 1024;

/**
 * Sees to it that a store can be begun in `directory`, if none is there. LMDB maps its lock file into memory, and a
 * page of it for which the disk has no space ends the process; and a store that was begun by half would be refused as a
 * damaged one when there is space again. Throws the system's error, and has taken no space then.
 */
export function ensureSpaceToBegin(directory: string): void {
  const [data, lock] = ['data.mdb', 'lock.mdb'].map((name) => openSync(join(directory, name), 'a+', 0o600));
  if (data === undefined || lock === undefined) return;
  try {
    if (fstatSync(data).size > 0) return;
    ftruncateSync(lock);
    fillSync(lock, 0, lockFileBytes);
    fillSync(data, 0, emptyStoreBytes);
    ftruncateSync(data);
  } finally {
    closeSync(data);
    closeSync(lock);
  }
}

async function filled(file: number, from: number, to: number): Promise<number> {
  try {
    for (let at = from; at < to; ) {
      const count = Math.min(zerosAtOnceMax, Math.floor((to - at) / zeros.length));
      const next = count > 0 ? Array<Buffer>(count).fill(zeros) : [zeros.subarray(0, to - at)];
      const { bytesWritten } = await promisify(writev)(file, next, at);
      at += bytesWritten;
    }
    return to;
  } catch (error) {
    await promisify(ftruncate)(file, from);
    throw error;
  }
}

function fillSync(file: number, from: number, to: number): void {
  try {
    for (let at = from; at < to; ) at += writeSync(file, zeros, 0, Math.min(zeros.length, to - at), at);
  } catch (error) {
    ftruncateSync(file, from);
    throw error;
  }
}
