import { join } from 'node:path';
import type { KnownEvent } from '../../../core/event.js';
import { defaultLimits } from '../../../core/limits.js';
import { beginning } from '../../../core/room-state.js';
import { atOnce, type Slices } from '../../../core/slices.js';
import { flush, makeDirectory } from '../../../platform/directory.js';
import type { FileLock } from '../../../platform/file-lock.js';
import { sealedJson } from '../checksum.js';
import type { DurableGroups, EventLog, Group, Recovery, RoomHead, Run } from '../event-log.js';
import { nextHead, renewedHead } from '../event-log.js';
import { type Change, GroupCommit } from '../group-commit.js';
import { runOf, within } from '../run.js';
import { storedBytes } from '../stored-entry.js';
import { checkLmdbFile, checkStructure, StoreDamaged } from './lmdb-file.js';
import { type Durability, LmdbStore, type LmdbStoreOptions, type SpaceNeed } from './lmdb-store.js';
import { dropUnfinished } from './new-store.js';
import { soundHead } from './rebuild-head.js';
import { type Damage, isDamagedPage, SoundReader } from './sound-reader.js';
import { lockStore } from './store-lock.js';
import { storedId, type WrittenGroups, writeOf, writtenOf } from './stored-values.js';

export { LogDamaged } from '../event-log.js';
export { StoreDamaged } from './lmdb-file.js';
export type { Durability } from './lmdb-store.js';
export type { Damage } from './sound-reader.js';

export interface LmdbLogOptions {
  /** Makes an event of the bytes it was appended with (codec: `decodeEvent`). */
  readonly decode: (bytes: Buffer) => KnownEvent;
  /** Default: `power`. */
  readonly durability?: Durability;
  /** By how much the file grows ahead of what is written to it, in bytes. */
  readonly growthBytes?: number;
  /** The largest file, in bytes, of which each start checks all pages; after a crash a start checks any file. */
  readonly checkBytesMax?: number;
  /** Is called with what is found damaged. */
  readonly damaged?: (damage: Damage) => void;
}

/**
 * An event log in an LMDB store, a directory that only one process at a time can have open. It forgets nothing. All
 * that is read is checked first (`SoundReader`).
 */
export class LmdbLog implements EventLog {
  readonly #directory: string;
  readonly #options: LmdbStoreOptions;
  readonly #lock: FileLock;
  readonly #reader: SoundReader;
  /** Undefined while it is opened again after a failure, and when the event log is closed. */
  #store: LmdbStore | undefined;
  /** What is durable. What stands in the store beyond it was never acknowledged. */
  readonly #durable: Map<string, RoomHead>;
  /** Where each room's newest snapshot is, undefined where it has none; the next one goes to the other slot. */
  readonly #slots = new Map<string, 0 | 1 | undefined>();
  readonly #commits = new GroupCommit((changes) => this.#write(changes));
  #finishing: Promise<void> | undefined;

  private constructor(directory: string, options: LmdbLogOptions, lock: FileLock) {
    this.#directory = directory;
    const { decode, durability = 'power', growthBytes = defaultLimits.storeGrowthBytes, damaged = () => {} } = options;
    this.#options = { decode, durability, growthBytes };
    this.#reader = new SoundReader({ store: () => this.#opened(), decode, damaged });
    this.#lock = lock;
    const store = LmdbStore.open(directory, this.#options);
    this.#store = store;
    try {
      const heads = store.rooms().flatMap((room) => soundHead(room, store, this.#reader, damaged) ?? []);
      this.#durable = new Map(heads.map((head) => [head.room, head]));
    } catch (error) {
      void store.close();
      throw error;
    }
  }

  /**
   * Opens the store in `directory`, which is made if need be, for its owner alone. Throws `StoreInUse` if it is open
   * already, here or in another process; errors of the operating system (EACCES, ENOTDIR, …) pass through. A damaged
   * head is made anew from its room's entries. Throws `StoreDamaged` where what is there could end the process.
   */
  static open(directory: string, options: LmdbLogOptions): LmdbLog {
    makeDirectory(directory);
    const lock = lockStore(directory);
    try {
      dropUnfinished(directory);
      checkLmdbFile(join(directory, 'data.mdb'));
      const { checkBytesMax = defaultLimits.storeCheckBytesMax } = options;
      // LMDB ends the process when it comes to a damaged page. Where it may just have done so, all pages are checked.
      checkStructure(directory, lock.wasLeft ? Number.POSITIVE_INFINITY : checkBytesMax);
      const log = new LmdbLog(directory, options, lock);
      flush(directory);
      return log;
    } catch (error) {
      lock.release();
      throw isDamagedPage(error)
        ? new StoreDamaged(directory, `LMDB cannot read it (${(error as Error).message})`)
        : error;
    }
  }

  /** Whether the store says of itself that it is a copy of another one, which may have gone on. */
  get isCopy(): boolean {
    return this.#opened().isCopy;
  }

  /**
   * Gives every room another log id, for good, so that its history is not taken for another one [P11]; then the store
   * is no copy. Returns the number of rooms. For a store that is not in use yet.
   */
  renewLogIds(): number {
    const heads = [...this.#durable.values()].map(renewedHead);
    this.#opened().renew({
      heads: heads.map((head) => [head.room, sealedJson(head, 'head', head.room)]),
      ids: heads.map((head) => [head.room, storedId(head, head.room)]),
    });
    for (const head of heads) this.#durable.set(head.room, head);
    return heads.length;
  }

  /** Resolves when appends to come have space; rejects with the system's error. */
  async ensureSpace(need: SpaceNeed): Promise<void> {
    // As a write does: without space there is none to open it again.
    this.#store ??= LmdbStore.open(this.#directory, this.#options);
    await this.#store.ensureSpace(need);
  }

  async append(group: Group): Promise<void> {
    // Here, so that a group that does not fit is refused alone, without the groups it would be written with.
    nextHead(this.#durable.get(group.room), group);
    await this.#commits.add(group);
  }

  /**
   * Takes over what is durable elsewhere, all of it or nothing, as `append` appends: it goes on from what this log has
   * of each room; a room that this log has not begins with its head's log id. Each room is named once.
   */
  async takeOver(groups: readonly DurableGroups[]): Promise<void> {
    for (const one of groups) this.#firstOf(one);
    await this.#commits.add({ taken: groups });
  }

  async remove(room: string): Promise<void> {
    await this.#commits.add({ removed: room });
    this.goOnRemoving();
  }

  /** Begins, or goes on, to remove what is left of removed rooms; where it fails, a later write goes on. */
  goOnRemoving(): void {
    this.finishRemovals().catch(() => {});
  }

  /**
   * Resolves when nothing is left of the rooms that were removed, here or before this log was opened. Readers see none
   * of them in any case: what is left is removed in slices, one with each write. Rejects with `LogUnwritable` where it
   * cannot; the next process that opens the store goes on, and so does the next group that begins such a room anew.
   */
  finishRemovals(): Promise<void> {
    if (!this.#store?.removing.size) return Promise.resolve();
    this.#finishing ??= this.#removeRest();
    return this.#finishing;
  }

  read(room: string, after: number, max: number, bytesMax = Number.POSITIVE_INFINITY): Run | undefined {
    const first = after + 1;
    const stored = this.#reader.stored(room, first, Math.min(after + max, this.#newest(room)));
    return stored.length === 0 ? undefined : runOf(first, within(stored.map(storedBytes), bytesMax));
  }

  chainAt(room: string, sequence: number): string | undefined {
    return this.#reader.chainAt(room, sequence, this.#newest(room));
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
    const parts = yield* this.#reader.snapshotParts(room);
    const newest = head.place.sequence;
    const { slot, snapshot } = (yield* this.#reader.snapshot(room, parts, newest)) ?? {};
    this.#slots.set(room, slot);
    const entries = () => this.#reader.entriesAfter(room, snapshot?.place ?? beginning, newest);
    return { head, snapshot, parts, entries: { [Symbol.iterator]: entries } };
  }

  async close(): Promise<void> {
    if (!(await this.#commits.close())) return;
    const store = this.#store;
    this.#store = undefined;
    await store?.close();
    this.#lock.release();
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
    const groups: WrittenGroups[] = [];
    const heads = new Map<string, RoomHead>();
    const removed: string[] = [];
    const removing: string[] = [];
    for (const change of changes) {
      if ('entries' in change) {
        groups.push(writtenOf(change));
        heads.set(change.room, nextHead(heads.get(change.room) ?? this.#durable.get(change.room), change));
      } else if ('taken' in change) {
        for (const { head, ...rest } of change.taken) {
          groups.push({ ...rest, room: head.room, first: this.#firstOf({ head, ...rest }) });
          heads.set(head.room, head);
        }
      } else if ('removed' in change) removed.push(change.removed);
      else removing.push(change.removing);
    }
    this.#store ??= LmdbStore.open(this.#directory, this.#options);
    const isNew = (room: string) => !this.#durable.has(room);
    const write = { ...writeOf(groups, heads, { isNew, slot: (room) => this.#nextSlot(room) }), removed, removing };
    try {
      // What is left of a room is not to be taken for the new one's.
      for (const room of heads.keys()) {
        while (this.#store.removing.has(room)) await this.#store.commit({ removing: [room] });
      }
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
    }
  }

  /** The sequence of the first of `stored`. Throws where the room does not go on with it. */
  #firstOf({ head: { room, place }, stored }: DurableGroups): number {
    const first = place.sequence - stored.length + 1;
    if (first !== this.#newest(room) + 1) {
      throw new RangeError(`room ${room}: after event ${this.#newest(room)} does not come ${first}`);
    }
    return first;
  }

  /** Where the next snapshot goes: not over the newest one. */
  #nextSlot(room: string): 0 | 1 {
    // Of a room that was opened it is known.
    if (!this.#slots.has(room) && this.#durable.has(room)) atOnce(this.recover(room));
    return this.#slots.get(room) === 0 ? 1 : 0;
  }

  /** Opens a store again that cannot go on. If that fails too, the next write tries again. */
  async #mend(store: LmdbStore): Promise<void> {
    if (store.isSound()) return;
    this.#store = undefined;
    await store.close();
    try {
      this.#store = LmdbStore.open(this.#directory, this.#options);
    } catch {
      // The caller gets the failure that began it.
    }
  }

  #newest(room: string): number {
    return this.#durable.get(room)?.place.sequence ?? beginning.sequence;
  }

  #opened(): LmdbStore {
    if (!this.#store) throw new Error(`the store ${this.#directory} is not open`);
    return this.#store;
  }
}
