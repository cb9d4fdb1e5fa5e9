import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';
import { chainStart } from '../core/chain.js';
import type { Entry, RoomEvent } from '../core/event.js';
import { beginning, type Snapshot } from '../core/room-state.js';
import type { EventLog, Group, Recovery, RoomHead, Run } from './event-log.js';
import { GroupCommit } from './group-commit.js';
import { nextHead } from './next-head.js';
import { runOf } from './run.js';
import { makeDirectory, syncDirectory } from './store-directory.js';
import { StoreLock } from './store-lock.js';
import { entryOf, storedBytes, storedChain, storedEntry } from './stored-entry.js';

/**
 * What an acknowledged append survives [P4]. `power`: the end of the process and the loss of power. `process`: the end
 * of the process only, kill -9 too; after a loss of power the store may be unreadable. It costs no flush to the disk.
 */
export type Durability = 'power' | 'process';

export interface LmdbLogOptions {
  /** Makes an event of the bytes it was appended with (codec: `decodeEvent`). */
  readonly decode: (bytes: Buffer) => RoomEvent;
  /** `power` unless told otherwise. */
  readonly durability?: Durability;
}

/** The layout of the store; a store of another layout is refused, not misread. */
const format = 1;

/** Entries that a recovery reads at once. A read of LMDB that stays open keeps all pages freed since from being used. */
const recoveryEntriesMax = 512;

/**
 * An event log in an LMDB store, a directory that only one process at a time can have open. It forgets nothing.
 *
 * The store's file grows as needed; the memory it is mapped to is address space, shared with the page cache, and no limit.
 */
export class LmdbLog implements EventLog {
  readonly #lock: StoreLock;
  readonly #root: RootDatabase;
  /** By room and sequence: what `storedEntry` makes. */
  readonly #entries: Database<Buffer, [room: string, sequence: number]>;
  /** By room: a head as JSON. */
  readonly #heads: Database<Buffer, string>;
  /** By room: its newest snapshot as JSON. */
  readonly #snapshots: Database<Buffer, string>;
  /** What is durable, as far as anybody may know: what stands in the store beyond it was never acknowledged. */
  readonly #durable = new Map<string, RoomHead>();
  readonly #commits: GroupCommit;
  readonly #decode: (bytes: Buffer) => RoomEvent;

  private constructor(lock: StoreLock, root: RootDatabase, decode: (bytes: Buffer) => RoomEvent) {
    this.#lock = lock;
    this.#root = root;
    this.#decode = decode;
    const about = root.openDB<unknown, string>('about', { encoding: 'json' });
    const found = about.get('format');
    if (found === undefined) about.putSync('format', format);
    else if (found !== format) {
      throw new Error(
        `The store has format ${found}; this version reads format ${format}. Use the version that wrote it.`,
      );
    }
    this.#entries = root.openDB('entries', { encoding: 'binary' });
    this.#heads = root.openDB('heads', { encoding: 'binary' });
    this.#snapshots = root.openDB('snapshots', { encoding: 'binary' });
    for (const { key, value } of this.#heads.getRange()) this.#durable.set(key, parsed<RoomHead>(value));
    this.#commits = new GroupCommit((groups) => this.#write(groups));
  }

  /**
   * Opens the store in `directory`, which is made if need be, for its owner alone. Throws `StoreInUse` if it is open
   * already, here or in another process; errors of the operating system (EACCES, ENOTDIR, …) pass through.
   */
  static open(directory: string, { decode, durability = 'power' }: LmdbLogOptions): LmdbLog {
    makeDirectory(directory);
    const lock = StoreLock.take(directory);
    let root: RootDatabase | undefined;
    try {
      root = open(directory, {
        // A directory whose name has a dot would be taken for a file.
        noSubdir: false,
        // One transaction at a time is under way, so there is nothing to overlap; without it, committed means flushed.
        overlappingSync: false,
        noSync: durability === 'process',
        // With it, each write has one more promise, which nobody can take when it is rejected.
        eventTurnBatching: false,
      });
      // The store holds session ids, which are keys to speak; the directory may have been there with weaker rights.
      for (const file of ['data.mdb', 'lock.mdb']) chmodSync(join(directory, file), 0o600);
      const log = new LmdbLog(lock, root, decode);
      syncDirectory(directory);
      return log;
    } catch (error) {
      void root?.close();
      lock.release();
      throw error;
    }
  }

  async append(group: Group): Promise<void> {
    // Here, so that a group that does not fit is refused alone and not with those it would be written with.
    nextHead(this.#durable.get(group.room), group);
    await this.#commits.append(group);
  }

  read(room: string, after: number, max: number): Run | undefined {
    const first = after + 1;
    const stored = this.#stored(room, first, Math.min(after + max, this.#newest(room)));
    return stored.length === 0 ? undefined : runOf(first, stored.map(storedBytes));
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
    const snapshot = this.#snapshot(room);
    const after = snapshot?.place.sequence ?? beginning.sequence;
    return {
      head,
      snapshot,
      entries: { [Symbol.iterator]: () => this.#entriesAfter(room, after, head.place.sequence) },
    };
  }

  async close(): Promise<void> {
    if (!(await this.#commits.close())) return;
    await this.#root.close();
    this.#lock.release();
  }

  /** One transaction: all of the groups or none. */
  async #write(groups: readonly Group[]): Promise<void> {
    const heads = new Map<string, RoomHead>();
    for (const group of groups) {
      heads.set(group.room, nextHead(heads.get(group.room) ?? this.#durable.get(group.room), group));
    }
    await this.#commit(encodedWrite(groups, heads.values()));
    for (const [room, head] of heads) this.#durable.set(room, head);
  }

  async #commit({ entries, snapshots, heads }: EncodedWrite): Promise<void> {
    const puts: Promise<boolean>[] = [];
    try {
      await this.#entries.batch(() => {
        for (const [key, value] of entries) puts.push(this.#entries.put(key, value));
        for (const [room, value] of snapshots) puts.push(this.#snapshots.put(room, value));
        for (const [room, value] of heads) puts.push(this.#heads.put(room, value));
      });
    } catch (error) {
      throw await reasonOf(error);
    } finally {
      // They end as the batch does; a rejection of theirs that nobody takes would end the process.
      for (const put of puts) put.catch(() => {});
    }
  }

  #newest(room: string): number {
    return this.#durable.get(room)?.place.sequence ?? beginning.sequence;
  }

  /** The stored entries from `first` to `last`, all of them; none if `last` is before `first`. */
  #stored(room: string, first: number, last: number): Buffer[] {
    if (this.#commits.closed) throw new Error('the log is closed');
    const stored: Buffer[] = [];
    if (last < first) return stored;
    for (const { value } of this.#entries.getRange({ start: [room, first], end: [room, last + 1] })) stored.push(value);
    if (stored.length !== last + 1 - first) {
      throw new Error(`the store of room ${room} has ${stored.length} of the events ${first} to ${last}`);
    }
    return stored;
  }

  /** The newest snapshot, unless it was of a write that failed after all: its chain then is not the log's [P1]. */
  #snapshot(room: string): Snapshot | undefined {
    const stored = this.#snapshots.get(room);
    if (!stored) return undefined;
    const snapshot = parsed<Snapshot>(stored);
    return this.chainAt(room, snapshot.place.sequence) === snapshot.place.chain ? snapshot : undefined;
  }

  *#entriesAfter(room: string, after: number, newest: number): Generator<Entry, void> {
    for (let first = after + 1; first <= newest; first += recoveryEntriesMax) {
      const last = Math.min(first + recoveryEntriesMax - 1, newest);
      for (const stored of this.#stored(room, first, last)) yield entryOf(stored, this.#decode);
    }
  }
}

interface EncodedWrite {
  readonly entries: (readonly [key: [room: string, sequence: number], value: Buffer])[];
  readonly snapshots: (readonly [room: string, value: Buffer])[];
  readonly heads: (readonly [room: string, value: Buffer])[];
}

/** All that can throw, done before the batch begins: what throws within one leaves half of it to be written. */
function encodedWrite(groups: readonly Group[], heads: Iterable<RoomHead>): EncodedWrite {
  return {
    entries: groups.flatMap(({ room, entries }) =>
      entries.map((entry) => [[room, entry.event.sequence], storedEntry(entry)] as const),
    ),
    snapshots: groups.flatMap(({ room, snapshot }) => (snapshot ? [[room, json(snapshot)] as const] : [])),
    heads: [...heads].map((head) => [head.room, json(head)] as const),
  };
}

/** The store's own error: of a failed commit lmdb tells it by a second promise, which must be taken in any case. */
async function reasonOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error && 'commitError' in error)) return error;
  return Promise.resolve(error.commitError).then(
    () => error,
    (reason: unknown) => reason,
  );
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value), 'utf8');
}

function parsed<T>(stored: Buffer): T {
  return JSON.parse(stored.toString('utf8')) as T;
}
