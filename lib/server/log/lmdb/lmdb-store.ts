import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { open, type RootDatabase, type RootDatabaseOptionsWithPath as RootDatabaseOptions } from 'lmdb';
import type { KnownEvent } from '../../../core/event.js';
import { type Databases, openAbout, openDatabases } from './databases.js';
import { ensureSpaceToBegin, Headroom } from './headroom.js';
import { checkLmdbFile, StoreDamaged } from './lmdb-file.js';
import { isNewStore, markFinished, markUnfinished } from './new-store.js';
import { type RemovalSlice, Removals } from './removals.js';
import type { StoredValues, StoreWrite } from './stored-values.js';
import { upgradeFormat1, upgrading } from './upgrade-format-1.js';

/**
 * What an acknowledged append survives [P4]. `power`: the end of the process and the loss of power. `process`: the end
 * of the process only, kill -9 too; after a loss of power the store may be unreadable. It costs no flush to the disk.
 */
export type Durability = 'power' | 'process';

export interface LmdbStoreOptions {
  readonly durability: Durability;
  /** See `storeGrowthBytes` of the limits. */
  readonly growthBytes: number;
  /** Makes an event of the bytes it was appended with: a store of format 1 is brought to this one by it. */
  readonly decode: (bytes: Buffer) => KnownEvent;
}

/** What is to be written, in about so many transactions. */
export interface SpaceNeed {
  /** Of all values. */
  readonly bytes: number;
  readonly entries: number;
  /** Rooms, counted again for each transaction. */
  readonly rooms: number;
  readonly transactions: number;
}

const nothing: StoreWrite = {
  ...{ entries: [], snapshots: [], parts: [], heads: [], ids: [] },
  ...{ unneededParts: [], removed: [], removing: [] },
};

const slots = [0, 1] as const;

/**
 * The layout of the store; a store of a newer layout is refused, not misread. 2: everything has a checksum before it, a
 * room has two snapshots, and its log id stands apart from its head too. 3: what was appended last may be in segments
 * beside LMDB's file (`../write-ahead/`). A store of an earlier format is brought to it when it is opened.
 */
export const storeFormat = 3;

/** Under this name what is made as a copy says so: true. */
export const copyMark = 'copy';

/** The store was written by a newer program. The message is one line for people. */
export class NewerStore extends Error {
  override name = 'NewerStore';
}

/**
 * The LMDB environment that holds the event log: entries by room and sequence, and each room's head, log id and newest
 * snapshots with their parts. Its file grows as needed; the memory it is mapped to is address space, shared with the
 * page cache, and no limit.
 */
export class LmdbStore {
  readonly #root: RootDatabase;
  readonly #headroom: Headroom;
  readonly #pageSize: number;
  readonly #databases: Databases;
  readonly #removals: Removals;

  private constructor(directory: string, root: RootDatabase, { growthBytes, decode }: LmdbStoreOptions) {
    this.#root = root;
    this.#headroom = new Headroom(join(directory, 'data.mdb'), growthBytes);
    this.#pageSize = this.#stats().pageSize;
    const about = openAbout(root);
    const format = beginFormat(about, directory);
    this.#databases = openDatabases(root, about);
    if (format === 1 || this.#databases.about.get(upgrading)) {
      upgradeFormat1(root, { to: this.#databases, decode, ensure: (bytes) => this.#ensure(bytes) });
    }
    if (format !== storeFormat) {
      this.#ensure(0);
      about.putSync('format', storeFormat);
    }
    this.#removals = new Removals(this.#databases);
    this.#headroom.open();
  }

  /**
   * Opens what is in `directory`, or begins it there. The caller has it to itself (`lockStore`). Throws `NotLmdbFile`
   * where what is there is something else, `NewerStore` where it has a format that this program does not know.
   */
  static open(directory: string, options: LmdbStoreOptions): LmdbStore {
    const data = join(directory, 'data.mdb');
    checkLmdbFile(data);
    const isNew = isNewStore(directory);
    if (isNew) markUnfinished(directory);
    ensureSpaceToBegin(directory);
    const root = open(directory, lmdbOptions(options.durability));
    try {
      // The store holds session ids, which are keys to speak; the directory may have been there with weaker rights.
      for (const file of [data, join(directory, 'lock.mdb')]) chmodSync(file, 0o600);
      const store = new LmdbStore(directory, root, options);
      if (isNew) markFinished(directory);
      return store;
    } catch (error) {
      void root.close();
      throw error;
    }
  }

  /** One transaction, all of it or nothing; resolves when it is as durable as it gets. One at a time. */
  async commit(lists: Partial<StoreWrite>): Promise<void> {
    const write = { ...nothing, ...lists };
    // A failed write may have left values of a room: they go with the room.
    const slices = this.#removals.slices([
      ...write.removed,
      ...write.removing.filter((room) => this.removing.has(room)),
    ]);
    const pageSize = this.#pageSize;
    const pages = pagesOf(write, pageSize) + pagesOfRemoval(slices, pageSize);
    await this.#headroom.ensure(pages * pageSize, this.#used);
    try {
      const { entries, snapshots, parts, heads, ids } = this.#databases;
      await entries.batch(() => {
        this.#put(write);
        for (const [room, through] of write.unneededParts) parts.remove([room, through]);
        if (slices.length > 0) this.#removals.remove(slices);
        for (const room of write.removed) {
          for (const slot of slots) snapshots.remove([room, slot]);
          heads.remove(room);
          ids.remove(room);
        }
      });
    } catch (error) {
      throw await reasonOf(error);
    }
    this.#removals.done(slices);
  }

  /**
   * Resolves when writes to come, in slices of about `slices` transactions, have space; rejects with the system's
   * error.
   */
  async ensureSpace({ bytes, entries, rooms, transactions }: SpaceNeed): Promise<void> {
    const pages =
      pagesAtLeast * transactions +
      Math.ceil((3 * (bytes + entries * keyBytesMax)) / this.#pageSize) +
      pagesOfRoom * rooms;
    await this.#headroom.ensureFree(pages * this.#pageSize, this.#used);
  }

  /** Within a batch, whose promise is that of all its puts, or within a transaction, in which a put is done at once. */
  #put(values: StoredValues): void {
    const { entries, snapshots, parts, heads, ids } = this.#databases;
    for (const { room, sequence, value } of values.entries) entries.put([room, sequence], value);
    for (const [[room, through], value] of values.parts) parts.put([room, through], value);
    for (const [key, value] of values.snapshots) snapshots.put(key, value);
    for (const [room, value] of values.heads) heads.put(room, value);
    for (const [room, value] of values.ids) ids.put(room, value);
  }

  /** Rooms that are gone and of which something is left to be removed. */
  get removing(): ReadonlySet<string> {
    return this.#removals.rooms;
  }

  /** In a store that is made as a copy, leaves these rooms to be removed by the next process that opens it. */
  leaveRemoving(rooms: readonly string[]): void {
    this.#ensure(rooms.length * 512);
    this.#root.transactionSync(() => this.#removals.begin(rooms));
  }

  /** As `commit`, for a store that is not in use yet; adds, and removes nothing. `also` is part of the transaction. */
  commitSync(values: Partial<StoredValues>, also: () => void = () => {}): void {
    const write = { ...nothing, ...values };
    this.#ensure(bytesOf(write, 512));
    this.#root.transactionSync(() => {
      this.#put(write);
      also();
    });
  }

  /** Whether the store says that it is a copy of another one, which may have gone on. */
  get isCopy(): boolean {
    return this.#databases.about.get(copyMark) === true;
  }

  /** Gives rooms other heads and log ids, and the store no longer says that it is a copy: all of it or nothing. */
  renew(values: Pick<StoredValues, 'heads' | 'ids'>): void {
    this.commitSync(values, () => this.#databases.about.removeSync(copyMark));
  }

  /** The stored entries from `first` on, up to `last` or to the first that is missing. */
  entries(room: string, first: number, last: number): Buffer[] {
    const stored: Buffer[] = [];
    let next = first;
    // Read to its end: a range that is left unfinished keeps pages freed since from being used again.
    for (const { key, value } of this.#databases.entries.getRange({ start: [room, first], end: [room, last + 1] })) {
      if (key[1] === next) {
        stored.push(value);
        next += 1;
      }
    }
    return stored;
  }

  /** The newest sequence under which the room has an entry; 0 if it has none. */
  newestEntry(room: string): number {
    const range = { start: [room, keyMax], end: [room, 0], reverse: true, limit: 1 } as const;
    for (const [, sequence] of this.#databases.entries.getKeys(range as never)) return sequence;
    return 0;
  }

  snapshots(room: string): { readonly slot: 0 | 1; readonly stored: Buffer }[] {
    return slots.flatMap((slot) => {
      const stored = this.#databases.snapshots.get([room, slot]);
      return stored ? [{ slot, stored }] : [];
    });
  }

  /** The stored parts of a room's snapshots whose `through` is more than `after`, by it; at most `max`. */
  parts(room: string, after: number, max: number): [through: number, value: Buffer][] {
    const range = this.#databases.parts.getRange({ start: [room, after + 1], end: [room, keyMax], limit: max });
    return [...range.map(({ key: [, through], value }): [number, Buffer] => [through, value])];
  }

  head(room: string): Buffer | undefined {
    return this.#databases.heads.get(room);
  }

  id(room: string): Buffer | undefined {
    return this.#databases.ids.get(room);
  }

  /** All rooms of which a head, a log id or an entry is there, however damaged, but for those in `removing`. */
  rooms(): string[] {
    const { heads, ids, entries } = this.#databases;
    const rooms = new Set<string>([...heads.getKeys(), ...ids.getKeys()]);
    let after: [string, number] | undefined;
    for (;;) {
      // From one room's entries to the next room's: what is read grows with the rooms, not with their events.
      const [found] = entries.getKeys(after ? { start: after, limit: 1 } : { limit: 1 });
      if (!found) return [...rooms].filter((room) => !this.removing.has(room)).sort();
      rooms.add(found[0]);
      after = [found[0], Number.POSITIVE_INFINITY];
    }
  }

  /**
   * Whether it can go on after a failed commit. After most it can; but where the failure left LMDB in doubt of its own
   * first pages (MDB_PANIC), it reads nothing, and lmdb's next write would never settle: then it has to be opened
   * again.
   */
  isSound(): boolean {
    try {
      this.#root.resetReadTxn();
      return this.#databases.about.get('format') === storeFormat;
    } catch {
      return false;
    }
  }

  /** Reads anew: after a read that came to a damaged page none succeeds. */
  resetReads(): void {
    this.#root.resetReadTxn();
  }

  /** Waits for a commit under way. */
  async close(): Promise<void> {
    await this.#root.close();
    this.#headroom.close();
  }

  #stats(): LmdbStats {
    return this.#root.getStats() as LmdbStats;
  }

  /** How many of its file's first bytes the store uses. */
  readonly #used = (): number => (this.#stats().lastPageNumber + 1) * this.#pageSize;

  /** For so many bytes that are about to be written at once. */
  #ensure(bytes: number): void {
    this.#headroom.ensureSync(pagesAtLeast * this.#pageSize + 3 * bytes, this.#used);
  }
}

/** Reads what format the store has, and writes ours into a new one. Throws `NewerStore` and `StoreDamaged`. */
function beginFormat(about: Databases['about'], directory: string): number {
  let found: unknown;
  try {
    found = about.get('format');
  } catch {
    // It is no JSON any more.
  }
  if (found === undefined && about.getCount() === 0) {
    about.putSync('format', storeFormat);
    return storeFormat;
  }
  if (!Number.isSafeInteger(found)) throw new StoreDamaged(directory, 'what it says of its format cannot be read');
  if (found === storeFormat || found === 2 || found === 1) return found;
  throw new NewerStore(
    `The store ${directory} has format ${found}; this version reads formats up to ${storeFormat}. ` +
      'Use the version that wrote it, or name another directory.',
  );
}

/** The options of LMDB: whether a committed transaction is a flushed one depends on them. */
export function lmdbOptions(durability: Durability): RootDatabaseOptions {
  return {
    // A directory whose name has a dot would be taken for a file.
    noSubdir: false,
    // One transaction at a time is under way, so there is nothing to overlap; without it, committed means flushed.
    overlappingSync: false,
    noSync: durability === 'process',
    // With it, each write has one more promise, whose rejection no caller can catch.
    eventTurnBatching: false,
  };
}

/** What lmdb says of a store, which its types leave out. */
interface LmdbStats {
  readonly pageSize: number;
  readonly lastPageNumber: number;
}

/** Beyond every sequence. */
const keyMax = Number.MAX_SAFE_INTEGER;

/** What a key and its value take besides the value's bytes, at most. */
const keyBytesMax = 96;

/** Trees, their roots and LMDB's own list of free pages, whatever is written. */
const pagesAtLeast = 24;

/** The way down to a place in a tree, with a page that is divided at each step. */
const pagesOfWay = 6;

/** The ways to a room's head, log id and snapshot. */
const pagesOfRoom = 3 * pagesOfWay;

/**
 * Pages that a write needs, not counting on free ones: each room's entries follow each other in pages that are half
 * full at least, a large value has pages of its own, and a page that is changed is written as a new one.
 */
function pagesOf(write: StoreWrite, pageSize: number): number {
  const rooms = write.heads.length + write.ids.length + write.snapshots.length;
  const bytes = bytesOf(write, keyBytesMax);
  // Parts are dropped one here and one there, each in a page that is written anew.
  return pagesAtLeast + Math.ceil((3 * bytes) / pageSize) + pagesOfWay * rooms + write.unneededParts.length;
}

/** The values' bytes, and `each` besides for each of them. */
function bytesOf({ entries, snapshots, parts, heads, ids }: StoredValues, each: number): number {
  let bytes = 0;
  for (const { value } of entries) bytes += value.length + each;
  for (const [, value] of [...snapshots, ...parts, ...heads, ...ids]) bytes += value.length + each;
  return bytes;
}

/** An entry without a text, or a part, at most, and the least that LMDB keeps of a page before it joins two. */
const removedEntryBytes = 1024;

/** The pages that a removal changes: those of its entries and parts, and the ways to the rooms' other values. */
function pagesOfRemoval(slices: readonly RemovalSlice[], pageSize: number): number {
  const keys = slices.reduce((sum, { entries, parts }) => sum + entries.length + parts.length, 0);
  return Math.ceil((keys * removedEntryBytes) / pageSize) + 4 * pagesOfWay * slices.length;
}

/** The store's own error: lmdb gives it by a second promise, whose rejection must be caught in any case. */
async function reasonOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error && 'commitError' in error)) return error;
  return Promise.resolve(error.commitError).then(
    () => error,
    (reason: unknown) => reason,
  );
}
