import type { Database } from 'lmdb';
import type { Databases } from './databases.js';

/** What one transaction removes of rooms that go, in keys. */
export const removedKeysMax = 2048;

/** Under this name the store has the rooms whose removal is begun and not done. */
const mark = 'removing';

type Key = [room: string, number: number];

/** What of one room is removed by one transaction. */
export interface RemovalSlice {
  readonly room: string;
  readonly entries: readonly Key[];
  readonly parts: readonly Key[];
  /** Whether nothing of the room is left then. */
  readonly last: boolean;
}

/**
 * Removes rooms in slices, each a transaction of its own, from a room's newest event backwards. The first transaction
 * also removes what makes a room one, its head and log id, and writes a mark, so the room is gone for all readers; the
 * last one removes the mark. Where the process ends between two of them, the next one that opens the store goes on.
 */
export class Removals {
  readonly #databases: Databases;
  #rooms: ReadonlySet<string>;

  /** Reads the mark. A marked room with a head or a log id was made anew by an older program, and is kept. */
  constructor(databases: Databases) {
    this.#databases = databases;
    const { heads, ids } = databases;
    const marked = markedRooms(this.#marked());
    this.#rooms = new Set(marked.filter((room) => !heads.doesExist(room) && !ids.doesExist(room)));
    // At once: if such a room's head were damaged later, the room would be taken for one that goes.
    if (this.#rooms.size < marked.length) this.#writeSync();
  }

  /** Rooms of which something is left. */
  get rooms(): ReadonlySet<string> {
    return this.#rooms;
  }

  /** What is to be removed next of some rooms, with one transaction. */
  slices(rooms: readonly string[]): RemovalSlice[] {
    let left = removedKeysMax;
    return rooms.map((room) => {
      const entries = newestKeys(this.#databases.entries, room, left);
      left -= entries.length;
      const parts = newestKeys(this.#databases.parts, room, left);
      left -= parts.length;
      // Where the slice is full, there may be one more.
      return { room, entries, parts, last: left > 0 };
    });
  }

  /** Removes them, within a transaction; when that is committed, call `done`. */
  remove(slices: readonly RemovalSlice[]): void {
    for (const { entries, parts } of slices) {
      for (const key of entries) this.#databases.entries.remove(key);
      for (const key of parts) this.#databases.parts.remove(key);
    }
    const { about } = this.#databases;
    const rooms = this.#after(slices);
    // Their own promises are the transaction's, which alone is waited for.
    if (rooms.size > 0) about.put(mark, [...rooms]);
    else if (this.#rooms.size > 0) about.remove(mark);
  }

  done(slices: readonly RemovalSlice[]): void {
    this.#rooms = this.#after(slices);
  }

  /** As if the removal of these rooms had begun. For a store that nobody waits for. */
  begin(rooms: readonly string[]): void {
    this.#rooms = new Set([...this.#rooms, ...rooms]);
    this.#writeSync();
  }

  #after(slices: readonly RemovalSlice[]): ReadonlySet<string> {
    const rooms = new Set(this.#rooms);
    for (const { room, last } of slices) {
      if (last) rooms.delete(room);
      else rooms.add(room);
    }
    return rooms;
  }

  #marked(): unknown {
    try {
      return this.#databases.about.get(mark);
    } catch {
      // It is no JSON any more: what is left of those rooms counts as rooms whose heads are lost.
      return undefined;
    }
  }

  #writeSync(): void {
    const { about } = this.#databases;
    if (this.#rooms.size > 0) about.putSync(mark, [...this.#rooms]);
    else about.removeSync(mark);
  }
}

/** Whether a key of what a store says of itself is that of the mark. */
export function isRemovalMark(key: string): boolean {
  return key === mark;
}

/** The rooms that a mark names. */
export function markedRooms(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((room) => typeof room === 'string') : [];
}

/** The newest of a room's keys, at most `max`. */
function newestKeys(database: Database<Buffer, Key>, room: string, max: number): Key[] {
  if (max <= 0) return [];
  const range = { start: [room, Number.MAX_SAFE_INTEGER], end: [room, 0], reverse: true, limit: max };
  return [...database.getKeys(range as never)] as Key[];
}
