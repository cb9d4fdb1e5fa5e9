import type { Run } from '../log/event-log.js';
import { runAfter } from '../log/run.js';
import type { MemoryHolder, SharedMemory } from './shared-memory.js';

/** The first block's size in bytes: small, for most rooms are quiet. */
const firstBlockBytes = 4 * 1024;

/**
 * A room's newest events, shared by all its participants: those a little behind need not read the event log. They are
 * copied into blocks of their own: an encoded event is a piece of memory that it shares with whatever was encoded near
 * it, and kept as it came it would keep all of that.
 */
export class RecentEvents implements MemoryHolder {
  readonly #memory: SharedMemory;
  readonly #bytesMax: number;
  readonly #blockBytesMax: number;
  #blocks: Block[] = [];
  /** Of all blocks, filled or not. */
  #bytes = 0;
  /** What was read last: those a little behind are often as far behind as each other. */
  #latest: { readonly after: number; readonly run: Run } | undefined;

  /** `blockBytesMax`: the most read at once, in bytes, unless it is one event. `memory`: what all tails share. */
  constructor(memory: SharedMemory, bytesMax: number, blockBytesMax: number) {
    this.#memory = memory;
    this.#bytesMax = bytesMax;
    this.#blockBytesMax = blockBytesMax;
  }

  /** Adds the run after the newest; drops the oldest events over `bytesMax`, and those in a block with them. */
  push(run: Run): void {
    this.#latest = undefined;
    this.#blockFor(run).push(run);
    let dropped = 0;
    while (this.#bytes > this.#bytesMax && dropped < this.#blocks.length) {
      this.#bytes -= (this.#blocks[dropped++] as Block).size;
    }
    if (dropped > 0) this.#blocks = this.#blocks.slice(dropped);
    this.#memory.used(this, this.#bytes);
  }

  /** Events after `after`, as many as are together in memory; undefined if the one that follows it is not here. */
  read(after: number): Run | undefined {
    if (this.#latest?.after === after) return this.#latest.run;
    const oldest = this.#blocks[0];
    if (!oldest || after + 1 < oldest.first) return undefined;
    const run = this.#blocks.findLast(({ first }) => first <= after + 1)?.read(after);
    if (run) {
      this.#latest = { after, run };
      this.#memory.used(this, this.#bytes);
    }
    return run;
  }

  clear(): void {
    this.letGo();
    this.#memory.used(this, 0);
  }

  /** Other rooms' tails need the memory: those a little behind read the event log. */
  letGo(): void {
    this.#blocks = [];
    this.#bytes = 0;
    this.#latest = undefined;
  }

  #blockFor({ first, bytes }: Run): Block {
    const newest = this.#blocks.at(-1);
    if (newest?.hasRoomFor(bytes.length)) return newest;
    const size = Math.min(Math.max(this.#bytes, firstBlockBytes), this.#blockBytesMax, this.#bytesMax);
    const block = new Block(first, Math.max(size, bytes.length));
    this.#blocks.push(block);
    this.#bytes += block.size;
    return block;
  }
}

/** Events end to end. What was read of it stays as it is: bytes are only added behind it. */
class Block {
  readonly first: number;
  readonly #bytes: Buffer;
  /** Where each event ends. */
  readonly #ends: number[] = [];

  constructor(first: number, size: number) {
    this.first = first;
    this.#bytes = Buffer.allocUnsafeSlow(size);
  }

  get size(): number {
    return this.#bytes.length;
  }

  get used(): number {
    return this.#ends.at(-1) ?? 0;
  }

  hasRoomFor(length: number): boolean {
    return this.used + length <= this.#bytes.length;
  }

  push({ bytes, ends }: Run): void {
    const start = this.used;
    bytes.copy(this.#bytes, start);
    for (const end of ends) this.#ends.push(start + end);
  }

  /** The events after `after`, which is at least the one before the first; undefined if there is none. */
  read(after: number): Run | undefined {
    const last = this.first + this.#ends.length - 1;
    if (after >= last) return undefined;
    return runAfter(
      { first: this.first, last, bytes: this.#bytes.subarray(0, this.used), ends: [...this.#ends] },
      after,
    );
  }
}

/** Pages kept of one room, each of at most `writeBytesMax` (or one event): those who catch up are at several places. */
export const pagesMax = 8;

/**
 * The pages of a room's event log that were read last, shared by all who are far behind: when a server comes back, a
 * whole room catches up at once, and where many are at about one place, a page is read from the event log for all of
 * them. A cursor in the middle of a page is given the rest of it, and from there on goes with the others. What is in an
 * event log never changes, so no page grows old.
 */
export class EventPages implements MemoryHolder {
  readonly #memory: SharedMemory;
  readonly #read: (after: number) => Run | undefined;
  /** The newest read last. */
  #pages: readonly Run[] = [];
  #used = false;

  /**
   * `memory`: what the pages of all rooms share. `read`: the events after a sequence, one or more, from the event log;
   * undefined if there are none yet.
   */
  constructor(memory: SharedMemory, read: (after: number) => Run | undefined) {
    this.#memory = memory;
    this.#read = read;
  }

  /** The events after `after`, some or all; undefined if there are none yet. Throws as reading the event log does. */
  read(after: number): Run | undefined {
    this.#used = true;
    const kept = this.#pages.findLast(({ first, last }) => first <= after + 1 && after < last);
    if (kept) {
      this.#noteUse();
      return runAfter(kept, after);
    }
    const page = this.#read(after);
    if (page) {
      this.#pages = [...this.#pages.slice(1 - pagesMax), page];
      this.#noteUse();
    }
    return page;
  }

  /** Lets go of all pages if none was read since it was asked last. */
  forgetUnused(): void {
    if (!this.#used && this.#pages.length > 0) this.clear();
    this.#used = false;
  }

  clear(): void {
    this.letGo();
    this.#memory.used(this, 0);
  }

  /** Other rooms' pages need the memory. */
  letGo(): void {
    this.#pages = [];
  }

  #noteUse(): void {
    this.#memory.used(
      this,
      this.#pages.reduce((sum, { bytes }) => sum + bytes.length, 0),
    );
  }
}
