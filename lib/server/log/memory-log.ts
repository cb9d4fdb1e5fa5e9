import { chainStart } from '../../core/chain.js';
import { defaultLimits, type Limits } from '../../core/limits.js';
import { beginning, type Snapshot } from '../../core/room-state.js';
import type { Slices } from '../../core/slices.js';
import type { SnapshotPart } from '../../core/snapshot-ledger.js';
import {
  type EncodedEntry,
  type EventLog,
  EventsForgotten,
  type Group,
  LogUnwritable,
  nextHead,
  type Recovery,
  type RoomHead,
  type Run,
} from './event-log.js';
import { runOf, within } from './run.js';

interface KeptRoom {
  head: RoomHead;
  snapshot: Snapshot | undefined;
  /** By `through`. */
  readonly parts: Map<number, SnapshotPart>;
  /** The sequence of `entries[0]`. */
  first: number;
  entries: EncodedEntry[];
  /** Of `entries`, about. */
  bytes: number;
  /** The newest event that had to go for another room's; 0 if none had. */
  gone: number;
}

/** What an entry takes besides its encoding, about: its event as an object. */
const entryBytes = 400;

export type MemoryLogLimits = Pick<Limits, 'memoryEventsPerRoomMax' | 'memoryBytesMax'>;

/**
 * An event log that ends with its process. Of each room it keeps the newest `memoryEventsPerRoomMax` events, and of all
 * rooms about `memoryBytesMax` bytes: over it, the room in which nothing happened for longest forgets its events. None
 * go before a snapshot covers them, so that a room's state can always be rebuilt.
 */
export class MemoryLog implements EventLog {
  readonly #rooms = new Map<string, KeptRoom>();
  readonly #limits: MemoryLogLimits;
  /** Of all rooms, about. */
  #bytes = 0;
  #closed = false;

  constructor(limits: Pick<Limits, 'memoryEventsPerRoomMax'> & Partial<MemoryLogLimits>) {
    this.#limits = { ...defaultLimits, ...limits };
  }

  async append(group: Group): Promise<void> {
    if (this.#closed) throw new LogUnwritable('the log is closed');
    // As with every event log, nothing is read in the turn of its append.
    await undefined;
    const before = this.#rooms.get(group.room);
    const head = nextHead(before?.head, group);
    const kept: KeptRoom = before ?? {
      head,
      snapshot: undefined,
      parts: new Map(),
      first: beginning.sequence + 1,
      entries: [],
      bytes: 0,
      gone: beginning.sequence,
    };
    // The room in which nothing happened for longest comes first.
    this.#rooms.delete(group.room);
    this.#rooms.set(group.room, kept);
    kept.head = head;
    kept.snapshot = group.snapshot ?? kept.snapshot;
    for (const part of group.parts ?? []) kept.parts.set(part.through, part);
    for (const through of group.unneededParts ?? []) kept.parts.delete(through);
    for (const entry of group.entries) {
      kept.entries.push(entry);
      this.#count(kept, entry, 1);
    }
    this.#forget(kept);
    this.#makeRoom();
  }

  async remove(room: string): Promise<void> {
    if (this.#closed) throw new LogUnwritable('the log is closed');
    await undefined;
    this.#bytes -= this.#rooms.get(room)?.bytes ?? 0;
    this.#rooms.delete(room);
  }

  read(room: string, after: number, max: number, bytesMax = Number.POSITIVE_INFINITY): Run | undefined {
    const kept = this.#rooms.get(room);
    const newest = kept?.head.place.sequence ?? beginning.sequence;
    if (!kept || after >= newest || max < 1) return undefined;
    const first = after + 1;
    if (first < this.oldest(room)) throw new EventsForgotten(`room ${room} no longer keeps event ${first}`);
    const from = first - kept.first;
    const encodings = kept.entries.slice(from, from + max).map(({ bytes }) => bytes);
    return runOf(first, within(encodings, bytesMax));
  }

  chainAt(room: string, sequence: number): string | undefined {
    if (sequence === beginning.sequence) return chainStart;
    const kept = this.#rooms.get(room);
    return kept && sequence >= this.oldest(room) ? kept.entries[sequence - kept.first]?.event.chain : undefined;
  }

  oldest(room: string): number {
    const kept = this.#rooms.get(room);
    return kept ? this.#forgettable(kept) + 1 : beginning.sequence + 1;
  }

  head(room: string): RoomHead | undefined {
    return this.#rooms.get(room)?.head;
  }

  heads(): RoomHead[] {
    return [...this.#rooms.values()].map(({ head }) => head).sort((a, b) => (a.room < b.room ? -1 : 1));
  }

  *recover(room: string): Slices<Recovery> {
    const kept = this.#rooms.get(room);
    if (!kept) throw new RangeError(`there is no log of a room ${room}`);
    const parts = [...kept.parts.values()].sort((a, b) => a.through - b.through);
    yield;
    const { head, snapshot, first, entries } = kept;
    return {
      head,
      snapshot,
      parts,
      entries: entries.slice((snapshot?.place.sequence ?? beginning.sequence) + 1 - first),
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  /** The newest sequence that is neither kept for readers nor needed to rebuild the state; 0 if there is none. */
  #forgettable({ head, snapshot, gone }: KeptRoom): number {
    const old = head.place.sequence - this.#limits.memoryEventsPerRoomMax;
    return Math.max(gone, Math.min(old, snapshot?.place.sequence ?? beginning.sequence));
  }

  #forget(kept: KeptRoom): void {
    const count = this.#forgettable(kept) + 1 - kept.first;
    // Moving all entries down for each event dropped would cost more than keeping a few of them a little longer.
    if (count * 4 >= kept.entries.length) this.#drop(kept, count);
  }

  /** Over the limit of bytes, whole rooms forget what they can. */
  #makeRoom(): void {
    for (const kept of this.#rooms.values()) {
      if (this.#bytes <= this.#limits.memoryBytesMax) return;
      kept.gone = kept.snapshot?.place.sequence ?? beginning.sequence;
      this.#drop(kept, kept.gone + 1 - kept.first);
    }
  }

  #drop(kept: KeptRoom, count: number): void {
    if (count <= 0) return;
    for (const entry of kept.entries.slice(0, count)) this.#count(kept, entry, -1);
    kept.entries = kept.entries.slice(count);
    kept.first += count;
  }

  #count(kept: KeptRoom, { bytes }: EncodedEntry, sign: 1 | -1): void {
    kept.bytes += sign * (bytes.length + entryBytes);
    this.#bytes += sign * (bytes.length + entryBytes);
  }
}
