import type { Database } from 'lmdb';

/** What one transaction removes of rooms that go, in keys. */
export const removedKeysMax = 2048;

/** Under this name the store has the rooms whose removal is begun and not done. */
const mark = 'removing';

type Key = [room: string, number: number];

export interface RemovalDatabases {
  readonly about: Database<unknown, string>;
  /** What a room has any number of, each removed from its newest on: its entries first. */
  readonly many: readonly Database<Buffer, Key>[];
}

/** What of one room is removed by one transaction. */
export interface RemovalSlice {
  readonly room: string;
  /** For each of the databases. */
  readonly keys: readonly (readonly Key[])[];
  /** Whether nothing of the room is left then. */
  readonly last: boolean;
}

/**
 * Removes rooms in slices, each a transaction of its own. The first one also removes what makes a room one, its head and log id, and
 * writes a mark, so the room is gone for all who look; the last one removes the mark. Whoever opens the store between two of them goes on.
 */
export class Removals {
  readonly #databases: RemovalDatabases;
  #rooms: ReadonlySet<string>;

  /**
   * Reads the mark. `isThere` tells of a room that has a head or a log id: then a program which does not know the mark made one anew of
   * what it found, and that is kept.
   */
  constructor(databases: RemovalDatabases, isThere: (room: string) => boolean) {
    this.#databases = databases;
    const marked = markedRooms(this.#marked());
    this.#rooms = new Set(marked.filter((room) => !isThere(room)));
    // At once: were that room's head damaged later, it would be taken for one that goes.
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
      const keys = this.#databases.many.map((database) => {
        const found = newestKeys(database, room, left);
        left -= found.length;
        return found;
      });
      // Where there is no room for one more, nobody knows whether there is one.
      return { room, keys, last: left > 0 };
    });
  }

  /** Removes them, within a transaction; when that is committed, call `done`. */
  remove(slices: readonly RemovalSlice[]): void {
    for (const { keys } of slices) {
      for (const [index, database] of this.#databases.many.entries()) {
        for (const key of keys[index] ?? []) database.remove(key);
      }
    }
    const rooms = this.#after(slices);
    if (rooms.size > 0 || this.#rooms.size > 0) this.#write(rooms);
  }

  done(slices: readonly RemovalSlice[]): void {
    this.#rooms = this.#after(slices);
  }

  /** As if the removal of these rooms had been begun. For a store that nobody waits for. */
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
      // No JSON any more: what is left of those rooms is taken for rooms whose heads are lost.
      return undefined;
    }
  }

  #write(rooms: ReadonlySet<string>): void {
    const { about } = this.#databases;
    // Its own promise is the transaction's, which alone is waited for.
    if (rooms.size > 0) about.put(mark, [...rooms]);
    else about.remove(mark);
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
