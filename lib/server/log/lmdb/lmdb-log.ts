import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { chainStart, nextChain } from '../../../core/chain.js';
import type { Entry, KnownEvent } from '../../../core/event.js';
import { defaultLimits } from '../../../core/limits.js';
import { beginning, hasItsParts, type Snapshot } from '../../../core/room-state.js';
import { atOnce, type Slices } from '../../../core/slices.js';
import type { SnapshotPart } from '../../../core/snapshot-ledger.js';
import { makeDirectory, syncDirectory } from '../../../platform/directory.js';
import {
  type EventLog,
  entriesPerSlice,
  type Group,
  LogDamaged,
  type Recovery,
  type RoomHead,
  type Run,
} from '../event-log.js';
import { nextHead } from '../next-head.js';
import { runOf, within } from '../run.js';
import { checksumSeed, eventSeed, isSound, sealed, sealedJson, unsealed } from './checksum.js';
import { type Change, GroupCommit } from './group-commit.js';
import { checkLmdbFile } from './lmdb-file.js';
import { type Durability, LmdbStore, type LmdbStoreOptions, type SnapshotKey, type StoreWrite } from './lmdb-store.js';
import { rebuildHead } from './rebuild-head.js';
import { StoreLock } from './store-lock.js';
import { entryOf, partOf, storedBytes, storedChain, storedEntry, storedPart } from './stored-values.js';
import { checkStructure, StoreDamaged } from './structure-check.js';

export { LogDamaged } from '../event-log.js';
export type { Durability } from './lmdb-store.js';
export { StoreDamaged } from './structure-check.js';

/** What was found damaged of a room, and what came of it. */
export type Damage =
  /** An event cannot be read: it is told once for each event, of at most `damagesToldMax` of them. */
  | { readonly kind: 'event'; readonly room: string; readonly sequence: number }
  /** A snapshot was passed over: the room is replayed from the one before it, or from its beginning. */
  | { readonly kind: 'snapshot'; readonly room: string }
  /**
   * The head was made anew from the entries, which end at `sequence`; with another log id where that was lost too, or where it is
   * not known how many events were behind the last that can be read.
   */
  | { readonly kind: 'head'; readonly room: string; readonly sequence: number; readonly newLogId: boolean };

export interface LmdbLogOptions {
  /** Makes an event of the bytes it was appended with (codec: `decodeEvent`). */
  readonly decode: (bytes: Buffer) => KnownEvent;
  /** `power` unless told otherwise. */
  readonly durability?: Durability;
  /** By how much its file grows ahead of what is written to it, in bytes. */
  readonly growthBytes?: number;
  /** Up to how many bytes the store's file is looked at as a whole at each start. After an end without farewell it is at any size. */
  readonly checkBytesMax?: number;
  /**
   * The store is an older copy that was put back: every room gets another log id, so that nobody takes its history for the one that
   * went on elsewhere [P11]. So it does where the store itself says that it is a copy.
   */
  readonly restored?: boolean;
  /** Is told that log ids were made anew, and of how many rooms. */
  readonly renewed?: (rooms: number) => void;
  /** Is told what was found damaged. */
  readonly damaged?: (damage: Damage) => void;
}

/** Parts of snapshots that a recovery reads in one slice. */
const partsPerSlice = 512;

/** So many damaged events are told of; further ones are as damaged. */
const damagesToldMax = 1024;

/** What LMDB says of a page that is none, or not there (MDB_PAGE_NOTFOUND, MDB_CORRUPTED, and MDB_BAD_TXN after either). */
const damagedPageCodes = [-30797, -30796, -30782];

/**
 * An event log in an LMDB store, a directory that only one process at a time can have open. It forgets nothing. Whatever is read of
 * it is held against its checksum before anybody gets it, and what is replayed against the chain too.
 */
export class LmdbLog implements EventLog {
  readonly #directory: string;
  readonly #options: LmdbStoreOptions;
  readonly #lock: StoreLock;
  readonly #damaged: (damage: Damage) => void;
  readonly #damagesTold = new Set<string>();
  /** Not there while it is opened again after a failure, and when the event log is closed. */
  #store: LmdbStore | undefined;
  /** What is durable, as far as anybody may know: what stands in the store beyond it was never acknowledged. */
  readonly #durable: Map<string, RoomHead>;
  /** Where each room's newest snapshot is, undefined where it has none; the next one goes to the other slot. */
  readonly #slots = new Map<string, 0 | 1 | undefined>();
  /** Where the checksums of a room's events begin: worked out once. */
  readonly #seeds = new Map<string, number>();
  readonly #commits = new GroupCommit((changes) => this.#write(changes));
  #finishing: Promise<void> | undefined;

  private constructor(directory: string, options: LmdbLogOptions, lock: StoreLock) {
    this.#directory = directory;
    const { decode, durability = 'power', growthBytes = defaultLimits.storeGrowthBytes } = options;
    this.#options = { decode, durability, growthBytes };
    this.#damaged = options.damaged ?? (() => {});
    this.#lock = lock;
    this.#store = LmdbStore.open(directory, this.#options);
    try {
      const heads = this.#store.rooms().flatMap((room) => this.#soundHead(room) ?? []);
      this.#durable = new Map(heads.map((head) => [head.room, head]));
      if (options.restored || this.#store.isCopy) this.#renew(this.#store, options.renewed);
      this.#goOnRemoving();
    } catch (error) {
      void this.#store.close();
      throw error;
    }
  }

  /**
   * Opens the store in `directory`, which is made if need be, for its owner alone. Throws `StoreInUse` if it is open
   * already, here or in another process; errors of the operating system (EACCES, ENOTDIR, …) pass through. A damaged head is made
   * anew from its room's entries. Throws `StoreDamaged` where what is there could end the process.
   */
  static open(directory: string, options: LmdbLogOptions): LmdbLog {
    makeDirectory(directory);
    const lock = StoreLock.take(directory);
    try {
      checkLmdbFile(join(directory, 'data.mdb'));
      const { checkBytesMax = defaultLimits.storeCheckBytesMax } = options;
      // LMDB ends the process over a damaged page that it comes to; where it may just have done so, none is left out.
      checkStructure(directory, lock.wasLeft ? Number.POSITIVE_INFINITY : checkBytesMax);
      const log = new LmdbLog(directory, options, lock);
      syncDirectory(directory);
      return log;
    } catch (error) {
      lock.release();
      throw isDamagedPage(error)
        ? new StoreDamaged(directory, `LMDB cannot read it (${(error as Error).message})`)
        : error;
    }
  }

  async append(group: Group): Promise<void> {
    // Here, so that a group that does not fit is refused alone and not with those it would be written with.
    nextHead(this.#durable.get(group.room), group);
    await this.#commits.add(group);
  }

  async remove(room: string): Promise<void> {
    await this.#commits.add({ removed: room });
    this.#goOnRemoving();
  }

  /**
   * Resolves when nothing is left of the rooms that were removed, here or before this log was opened. They are gone all the same: what
   * is left goes by and by, a slice with each write. Rejects with `LogUnwritable` where it cannot; the next one who opens the store
   * goes on, or the next one who begins such a room anew.
   */
  finishRemovals(): Promise<void> {
    if (!this.#store?.removing.size) return Promise.resolve();
    this.#finishing ??= this.#removeRest();
    return this.#finishing;
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

  *recover(room: string): Slices<Recovery> {
    const head = this.#durable.get(room);
    if (!head) throw new RangeError(`there is no log of a room ${room}`);
    const parts = yield* this.#soundParts(room);
    const snapshot = yield* this.#snapshot(room, parts);
    const from = snapshot?.place ?? beginning;
    return {
      head,
      snapshot,
      parts,
      entries: { [Symbol.iterator]: () => this.#entriesAfter(room, from, head.place.sequence) },
    };
  }

  async close(): Promise<void> {
    if (!(await this.#commits.close())) return;
    const store = this.#store;
    this.#store = undefined;
    await store?.close();
    this.#lock.release();
  }

  #goOnRemoving(): void {
    // Where it fails, it is gone on with later.
    this.finishRemovals().catch(() => {});
  }

  async #removeRest(): Promise<void> {
    try {
      for (;;) {
        const [room] = this.#store?.removing ?? [];
        if (room === undefined) return;
        await this.#commits.add({ removing: room });
      }
    } finally {
      this.#finishing = undefined;
    }
  }

  /** One transaction: all of the changes or none. */
  async #write(changes: readonly Change[]): Promise<void> {
    const groups: Group[] = [];
    const removed: string[] = [];
    const removing: string[] = [];
    for (const change of changes) {
      if ('entries' in change) groups.push(change);
      else if ('removed' in change) removed.push(change.removed);
      else removing.push(change.removing);
    }
    const heads = new Map<string, RoomHead>();
    for (const group of groups) {
      heads.set(group.room, nextHead(heads.get(group.room) ?? this.#durable.get(group.room), group));
    }
    this.#store ??= LmdbStore.open(this.#directory, this.#options);
    const write = { ...this.#encoded(groups, heads.values()), removed, removing };
    try {
      // What is left of a room is not to be taken for the new one's.
      for (const room of heads.keys()) await removeWhole(this.#store, room);
      await this.#store.commit(write);
    } catch (error) {
      await this.#mend(this.#store);
      throw error;
    }
    for (const [room, head] of heads) this.#durable.set(room, head);
    for (const [[room, slot]] of write.snapshots) this.#slots.set(room, slot);
    for (const room of removed) {
      this.#durable.delete(room);
      this.#slots.delete(room);
      this.#seeds.delete(room);
    }
  }

  #encoded(groups: readonly Group[], heads: Iterable<RoomHead>): Omit<StoreWrite, 'removed' | 'removing'> {
    const ids: [string, Buffer][] = [];
    const stored = [...heads].map((head) => {
      if (!this.#durable.has(head.room)) ids.push([head.room, sealedJson(head.logId, 'id', head.room)]);
      return [head.room, sealedJson(head, 'head', head.room)] as const;
    });
    const entries: StoreWrite['entries'][number][] = [];
    for (const group of groups) {
      const { room } = group;
      const seed = this.#seed(room);
      for (const entry of group.entries) {
        const { sequence } = entry.event;
        entries.push([[room, sequence], storedEntry(entry, eventSeed(seed, sequence))]);
      }
    }
    return {
      entries,
      snapshots: groups.flatMap(({ room, snapshot }) => {
        if (!snapshot) return [];
        const key: SnapshotKey = [room, this.#nextSlot(room)];
        return [[key, sealedJson(snapshot, 'snapshot', room)] as const];
      }),
      parts: groups.flatMap(({ room, parts = [] }) =>
        parts.map((part) => [[room, part.through], sealed(storedPart(part), partSeed(room, part.through))] as const),
      ),
      unneededParts: groups.flatMap(({ room, unneededParts = [] }) =>
        unneededParts.map((through) => [room, through] as const),
      ),
      heads: stored,
      ids,
    };
  }

  /** Where the next snapshot goes: not over the newest one. */
  #nextSlot(room: string): 0 | 1 {
    // Of a room that was opened it is known.
    if (!this.#slots.has(room)) atOnce(this.#slotOf(room));
    return this.#slots.get(room) === 0 ? 1 : 0;
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

  /**
   * The sound entries from `first` on, up to `last` or to the first that is damaged; none if `last` is before `first`. Throws
   * `LogDamaged` where the first of them is damaged, or missing.
   */
  #stored(room: string, first: number, last: number): Buffer[] {
    if (last < first) return [];
    const stored = this.#entries(room, first, last);
    const seed = this.#seed(room);
    let sound = 0;
    while (sound < stored.length && isSound(stored[sound] as Buffer, eventSeed(seed, first + sound))) sound += 1;
    if (sound === last + 1 - first) return stored;
    this.#tellDamaged(room, first + sound);
    if (sound === 0) throw new LogDamaged(room, first);
    return stored.slice(0, sound);
  }

  #entries(room: string, first: number, last: number): Buffer[] {
    try {
      return this.#opened().entries(room, first, last);
    } catch (error) {
      if (!isDamagedPage(error)) throw error;
    }
    // One by one, up to the one that is on the damaged page.
    const stored: Buffer[] = [];
    for (let sequence = first; sequence <= last; sequence += 1) {
      // A transaction that came to such a page reads nothing more.
      this.#opened().resetReads();
      try {
        stored.push(...this.#opened().entries(room, sequence, sequence));
      } catch (error) {
        if (!isDamagedPage(error)) throw error;
        break;
      }
      if (stored.length <= sequence - first) break;
    }
    this.#opened().resetReads();
    return stored;
  }

  /** What is read of a room's snapshots; nothing where it is on a damaged page. */
  #readable<T>(room: string, read: (store: LmdbStore) => readonly T[]): readonly T[] {
    try {
      return read(this.#opened());
    } catch (error) {
      if (!isDamagedPage(error)) throw error;
      this.#opened().resetReads();
      this.#damaged({ kind: 'snapshot', room });
      return [];
    }
  }

  #tellDamaged(room: string, sequence: number): void {
    const which = `${room} ${sequence}`;
    if (this.#damagesTold.has(which) || this.#damagesTold.size >= damagesToldMax) return;
    this.#damagesTold.add(which);
    this.#damaged({ kind: 'event', room, sequence });
  }

  #seed(room: string): number {
    let seed = this.#seeds.get(room);
    if (seed === undefined) {
      seed = checksumSeed('event', room);
      // Only of rooms that are there, of which there is a limited number.
      if (this.#durable?.has(room)) this.#seeds.set(room, seed);
    }
    return seed;
  }

  #opened(): LmdbStore {
    if (!this.#store) throw new Error(`the store ${this.#directory} is not open`);
    return this.#store;
  }

  /** Gives every room another log id, for good. */
  #renew(store: LmdbStore, renewed: LmdbLogOptions['renewed']): void {
    const heads = [...this.#durable.values()].map((head) => ({ ...head, logId: randomUUID() }));
    store.renew(
      heads.map((head) => [head.room, sealedJson(head, 'head', head.room)] as const),
      heads.map(({ room, logId }) => [room, sealedJson(logId, 'id', room)] as const),
    );
    for (const head of heads) this.#durable.set(head.room, head);
    renewed?.(heads.length);
  }

  /** A room's head; made anew where it is damaged. Undefined where there is nothing that it could be the head of. */
  #soundHead(room: string): RoomHead | undefined {
    const store = this.#opened();
    const head = parsed<RoomHead>(store.head(room), 'head', room);
    if (head) return head;
    const logId = parsed<string>(store.id(room), 'id', room);
    const rebuilt = rebuildHead(room, {
      logId,
      newest: store.newestEntry(room),
      entries: (first, last) => this.#soundEntries(room, first, last),
    });
    if (!rebuilt) return undefined;
    // At once: a log id that was made up must be the same the next time.
    store.commitSync({
      heads: [[room, sealedJson(rebuilt, 'head', room)]],
      ids: [[room, sealedJson(rebuilt.logId, 'id', room)]],
    });
    const newLogId = rebuilt.logId !== logId;
    this.#damaged({ kind: 'head', room, sequence: rebuilt.place.sequence, newLogId });
    return rebuilt;
  }

  /** The entries from `first` to `last`, undefined for those that are damaged or missing. */
  #soundEntries(room: string, first: number, last: number): (Entry | undefined)[] {
    return Array.from({ length: last + 1 - first }, (_, index) => {
      try {
        const [stored] = this.#stored(room, first + index, first + index);
        return stored && entryOf(stored, this.#options.decode);
      } catch (error) {
        if (error instanceof LogDamaged) return undefined;
        throw error;
      }
    });
  }

  /**
   * The newest snapshot that is sound and of this history: one that was of a write which failed after all has another chain than
   * the event log, or not all of its parts [P1].
   */
  *#snapshot(room: string, parts: readonly SnapshotPart[]): Slices<Snapshot | undefined> {
    let newest: { readonly slot: 0 | 1; readonly snapshot: Snapshot } | undefined;
    for (const { slot, stored } of this.#readable(room, (store) => store.snapshots(room))) {
      yield;
      const snapshot = parsed<Snapshot>(stored, 'snapshot', room);
      yield;
      if (!snapshot) this.#damaged({ kind: 'snapshot', room });
      else if (
        snapshot.place.sequence > (newest?.snapshot.place.sequence ?? 0) &&
        this.#isOfThisHistory(room, snapshot) &&
        (yield* hasItsParts(snapshot, parts))
      )
        newest = { slot, snapshot };
    }
    this.#slots.set(room, newest?.slot);
    return newest?.snapshot;
  }

  *#slotOf(room: string): Slices<void> {
    yield* this.#snapshot(room, yield* this.#soundParts(room));
  }

  /** What snapshots refer to; those that are damaged are told of and left out. */
  *#soundParts(room: string): Slices<SnapshotPart[]> {
    const parts: SnapshotPart[] = [];
    for (let after = 0; ; ) {
      const from = after;
      const page = this.#readable(room, (store) => store.parts(room, from, partsPerSlice));
      for (const [through, stored] of page) {
        const part = unsealed(stored, partSeed(room, through));
        if (part) parts.push(partOf(through, part));
        else this.#damaged({ kind: 'snapshot', room });
        after = through;
      }
      if (page.length < partsPerSlice) return parts;
      yield;
    }
  }

  #isOfThisHistory(room: string, { place }: Snapshot): boolean {
    try {
      return this.chainAt(room, place.sequence) === place.chain;
    } catch (error) {
      // The event is lost, and with it what could speak against the snapshot.
      if (error instanceof LogDamaged) return true;
      throw error;
    }
  }

  *#entriesAfter(room: string, from: Snapshot['place'], newest: number): Generator<Entry, void> {
    let { chain } = from;
    let next = from.sequence + 1;
    while (next <= newest) {
      for (const stored of this.#stored(room, next, Math.min(next + entriesPerSlice - 1, newest))) {
        const entry = entryOf(stored, this.#options.decode);
        const { event } = entry;
        if (event.sequence !== next || event.chain !== nextChain(chain, event)) {
          this.#tellDamaged(room, next);
          throw new LogDamaged(room, next);
        }
        chain = event.chain;
        next += 1;
        yield entry;
      }
    }
  }
}

/** Removes all that is left of a room that is being removed. */
async function removeWhole(store: LmdbStore, room: string): Promise<void> {
  const nothing = { entries: [], snapshots: [], parts: [], unneededParts: [], heads: [], ids: [], removed: [] };
  while (store.removing.has(room)) await store.commit({ ...nothing, removing: [room] });
}

function isDamagedPage(error: unknown): boolean {
  // A key that is none any more is a RangeError of those who decode it.
  if (error instanceof RangeError || (error instanceof Error && error.message.startsWith('Invalid key size')))
    return true;
  return error instanceof Error && 'code' in error && damagedPageCodes.includes(error.code as number);
}

/** Where the checksum of a part begins. */
function partSeed(room: string, through: number): number {
  return eventSeed(checksumSeed('part', room), through);
}

/** Undefined where there is nothing, or what is there is damaged. */
function parsed<T>(stored: Buffer | undefined, kind: Parameters<typeof checksumSeed>[0], room: string): T | undefined {
  const value = stored && unsealed(stored, checksumSeed(kind, room));
  return value && (JSON.parse(value.toString('utf8')) as T);
}
