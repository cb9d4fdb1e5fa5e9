import { chainStart } from '../core/chain.js';
import type { Entry, RoomEvent } from '../core/event.js';
import { defaultLimits } from '../core/limits.js';
import { beginning, hasItsParts, type Snapshot } from '../core/room-state.js';
import type { SnapshotPart } from '../core/snapshot-ledger.js';
import { makeDirectory, syncDirectory } from '../platform/directory.js';
import type { EventLog, Group, Recovery, RoomHead, Run } from './event-log.js';
import { type Change, GroupCommit } from './group-commit.js';
import { type Durability, LmdbStore, type LmdbStoreOptions, type StoreWrite } from './lmdb-store.js';
import { nextHead } from './next-head.js';
import { runOf, within } from './run.js';
import { StoreLock } from './store-lock.js';
import { entryOf, storedBytes, storedChain, storedEntry } from './stored-entry.js';
import { partOf, storedPart } from './stored-part.js';

export type { Durability } from './lmdb-store.js';

export interface LmdbLogOptions {
  /** Makes an event of the bytes it was appended with (codec: `decodeEvent`). */
  readonly decode: (bytes: Buffer) => RoomEvent;
  /** `power` unless told otherwise. */
  readonly durability?: Durability;
  /** By how much its file grows ahead of what is written to it, in bytes. */
  readonly growthBytes?: number;
}

/** Entries that a recovery reads at once. */
const recoveryEntriesMax = 512;

/** An event log in an LMDB store, a directory that only one process at a time can have open. It forgets nothing. */
export class LmdbLog implements EventLog {
  readonly #directory: string;
  readonly #options: LmdbStoreOptions;
  readonly #decode: (bytes: Buffer) => RoomEvent;
  readonly #lock: StoreLock;
  /** Not there while it is opened again after a failure, and when the log is closed. */
  #store: LmdbStore | undefined;
  /** What is durable, as far as anybody may know: what stands in the store beyond it was never acknowledged. */
  readonly #durable: Map<string, RoomHead>;
  readonly #commits = new GroupCommit((changes) => this.#write(changes));

  private constructor(directory: string, options: LmdbLogOptions, lock: StoreLock) {
    this.#directory = directory;
    const { durability = 'power', growthBytes = defaultLimits.storeGrowthBytes } = options;
    this.#options = { durability, growthBytes };
    this.#decode = options.decode;
    this.#lock = lock;
    this.#store = LmdbStore.open(directory, this.#options);
    const heads = this.#store.heads().map((stored) => parsed<RoomHead>(stored));
    this.#durable = new Map(heads.map((head) => [head.room, head]));
  }

  /**
   * Opens the store in `directory`, which is made if need be, for its owner alone. Throws `StoreInUse` if it is open
   * already, here or in another process; errors of the operating system (EACCES, ENOTDIR, …) pass through.
   */
  static open(directory: string, options: LmdbLogOptions): LmdbLog {
    makeDirectory(directory);
    const lock = StoreLock.take(directory);
    try {
      const log = new LmdbLog(directory, options, lock);
      syncDirectory(directory);
      return log;
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  async append(group: Group): Promise<void> {
    // Here, so that a group that does not fit is refused alone and not with those it would be written with.
    nextHead(this.#durable.get(group.room), group);
    await this.#commits.add(group);
  }

  async remove(room: string): Promise<void> {
    await this.#commits.add({ removed: room });
  }

  read(room: string, after: number, max: number, bytesMax = Number.POSITIVE_INFINITY): Run | undefined {
    const first = after + 1;
    const stored = this.#stored(room, first, Math.min(after + max, this.#newest(room)));
    return stored.length === 0 ? undefined : runOf(first, within(stored.map(storedBytes), bytesMax));
  }

  chainAt(room: string, sequence: number): string | undefined {
    if (sequence === beginning.sequence) return chainStart;
    const [stored] = this.#stored(room, sequence, Math.min(sequence, this.#newest(room)));
    return stored && storedChain(stored);
  }

  oldest(): number {
    return beginning.sequence + 1;
  }

  head(room: string): RoomHead | undefined {
    return this.#durable.get(room);
  }

  heads(): RoomHead[] {
    return [...this.#durable.values()].sort((a, b) => (a.room < b.room ? -1 : 1));
  }

  recover(room: string): Recovery {
    const head = this.#durable.get(room);
    if (!head) throw new RangeError(`there is no log of a room ${room}`);
    const parts = this.#opened()
      .parts(room)
      .map(([through, stored]) => partOf(through, stored));
    const snapshot = this.#snapshot(room, parts);
    const after = snapshot?.place.sequence ?? beginning.sequence;
    return {
      head,
      snapshot,
      parts,
      entries: { [Symbol.iterator]: () => this.#entriesAfter(room, after, head.place.sequence) },
    };
  }

  async close(): Promise<void> {
    if (!(await this.#commits.close())) return;
    const store = this.#store;
    this.#store = undefined;
    await store?.close();
    this.#lock.release();
  }

  /** One transaction: all of the changes or none. */
  async #write(changes: readonly Change[]): Promise<void> {
    const groups = changes.filter((change) => 'entries' in change);
    const removed = changes.flatMap((change) => ('removed' in change ? [change.removed] : []));
    const heads = new Map<string, RoomHead>();
    for (const group of groups) {
      heads.set(group.room, nextHead(heads.get(group.room) ?? this.#durable.get(group.room), group));
    }
    this.#store ??= LmdbStore.open(this.#directory, this.#options);
    try {
      await this.#store.commit({ ...encoded(groups, heads.values()), removed });
    } catch (error) {
      await this.#mend(this.#store);
      throw error;
    }
    for (const [room, head] of heads) this.#durable.set(room, head);
    for (const room of removed) this.#durable.delete(room);
  }

  /** Opens a store again that cannot go on. If that fails too, the next write tries. */
  async #mend(store: LmdbStore): Promise<void> {
    if (store.isSound()) return;
    this.#store = undefined;
    await store.close();
    try {
      this.#store = LmdbStore.open(this.#directory, this.#options);
    } catch {
      // The caller is about to be told of the failure that began it.
    }
  }

  #newest(room: string): number {
    return this.#durable.get(room)?.place.sequence ?? beginning.sequence;
  }

  /** The stored entries from `first` to `last`; none if `last` is before `first`. */
  #stored(room: string, first: number, last: number): Buffer[] {
    return last < first ? [] : this.#opened().entries(room, first, last);
  }

  #opened(): LmdbStore {
    if (!this.#store) throw new Error(`the store ${this.#directory} is not open`);
    return this.#store;
  }

  /**
   * The newest snapshot, unless it was of a write that failed after all: its chain, or its parts, then are not the log's [P1].
   */
  #snapshot(room: string, parts: readonly SnapshotPart[]): Snapshot | undefined {
    const stored = this.#opened().snapshot(room);
    if (!stored) return undefined;
    const snapshot = parsed<Snapshot>(stored);
    if (this.chainAt(room, snapshot.place.sequence) !== snapshot.place.chain) return undefined;
    return hasItsParts(snapshot, parts) ? snapshot : undefined;
  }

  *#entriesAfter(room: string, after: number, newest: number): Generator<Entry, void> {
    for (let first = after + 1; first <= newest; first += recoveryEntriesMax) {
      const last = Math.min(first + recoveryEntriesMax - 1, newest);
      for (const stored of this.#stored(room, first, last)) yield entryOf(stored, this.#decode);
    }
  }
}

function encoded(groups: readonly Group[], heads: Iterable<RoomHead>): Omit<StoreWrite, 'removed'> {
  return {
    entries: groups.flatMap(({ room, entries }) =>
      entries.map((entry) => [[room, entry.event.sequence], storedEntry(entry)] as const),
    ),
    snapshots: groups.flatMap(({ room, snapshot }) => (snapshot ? [[room, json(snapshot)] as const] : [])),
    parts: groups.flatMap(({ room, parts = [] }) =>
      parts.map((part) => [[room, part.through], storedPart(part)] as const),
    ),
    unneededParts: groups.flatMap(({ room, unneededParts = [] }) =>
      unneededParts.map((through) => [room, through] as const),
    ),
    heads: [...heads].map((head) => [head.room, json(head)] as const),
  };
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value), 'utf8');
}

function parsed<T>(stored: Buffer): T {
  return JSON.parse(stored.toString('utf8')) as T;
}
