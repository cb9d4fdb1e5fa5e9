import type { Run } from '../log/event-log.js';
import { runAfter } from '../log/run.js';
import type { MemoryHolder, SharedMemory } from './shared-memory.js';

/** Pages kept of one room, each of `writeBytesMax` at most (or one event): those who catch up are not all at one place. */
export const pagesMax = 8;

/**
 * The pages of a room's event log that were read last, shared by all who are far behind: when a server comes back, a whole room catches
 * up at once, and where many are at about one place, a page is read from the event log for all of them. Whoever is in the middle of a page
 * is given the rest of it, and from there on goes with the others. What is in an event log never changes, so no page grows old.
 */
export class EventPages implements MemoryHolder {
  readonly #memory: SharedMemory;
  readonly #read: (after: number) => Run | undefined;
  /** The newest read last. */
  #pages: readonly Run[] = [];
  #used = false;

  /**
   * `memory`: what the pages of all rooms share. `read`: the events after a sequence, one or more, from the event log; undefined if
   * there are none yet.
   */
  constructor(memory: SharedMemory, read: (after: number) => Run | undefined) {
    this.#memory = memory;
    this.#read = read;
  }

  /** The events after `after`, some or all; undefined if there are none yet. Throws what reading the event log throws. */
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
