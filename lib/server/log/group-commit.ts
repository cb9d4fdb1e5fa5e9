import { type DurableGroups, type Group, LogUnwritable } from './event-log.js';

/**
 * What is written: a group of a room, what is durable elsewhere, the end of a room, or more of what is left of one that
 * has ended.
 */
export type Change =
  | Group
  | { readonly taken: readonly DurableGroups[] }
  | { readonly removed: string }
  | { readonly removing: string };

interface Waiting {
  readonly change: Change;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Entries of one write, and bytes of their events, about: it takes groups until it has so many. */
const writeEntriesMax = 8192;
const writeBytesMax = 4 * 1024 * 1024;

/**
 * Puts the groups that arrive while a write is under way into the next one together: rooms share the price of a flush,
 * and one write's failure is known before the next begins.
 */
export class GroupCommit {
  readonly #write: (changes: readonly Change[]) => Promise<void>;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #closed = false;

  /** `write` makes changes durable together, or rejects and has made none so. Called when the last has settled. */
  constructor(write: (changes: readonly Change[]) => Promise<void>) {
    this.#write = write;
  }

  /** Resolves when the change is written; rejects with `LogUnwritable` when it was not. */
  add(change: Change): Promise<void> {
    if (this.#closed) return Promise.reject(new LogUnwritable('the log is closed'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ change, resolve, reject });
      this.#writing ??= this.#writeAll();
    });
  }

  /** Takes no more, and waits for what it has. False if it was closed before. */
  async close(): Promise<boolean> {
    const first = !this.#closed;
    this.#closed = true;
    await this.#writing;
    return first;
  }

  async #writeAll(): Promise<void> {
    // Groups of the same turn go together.
    await undefined;
    while (this.#waiting.length > 0) await this.#writeSome();
    this.#writing = undefined;
  }

  async #writeSome(): Promise<void> {
    let [entries, bytes, count] = [0, 0, 0];
    while (count < this.#waiting.length && entries < writeEntriesMax && bytes < writeBytesMax) {
      const change = this.#waiting[count]?.change;
      const added = change && 'entries' in change ? change.entries : [];
      entries += Math.max(1, added.length);
      for (const entry of added) bytes += entry.bytes.length;
      count += 1;
    }
    const taken = this.#waiting.splice(0, count);
    try {
      await this.#write(taken.map(({ change }) => change));
      for (const { resolve } of taken) resolve();
    } catch (error) {
      const unwritable = new LogUnwritable('the log could not be written; is the disk full?', { cause: error });
      for (const { reject } of taken) reject(unwritable);
    }
  }
}
