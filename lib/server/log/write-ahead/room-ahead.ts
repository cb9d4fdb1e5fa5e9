import type { Entry } from '../../../core/event.js';
import type { Snapshot } from '../../../core/room-state.js';
import type { SnapshotPart } from '../../../core/snapshot-ledger.js';
import type { EncodedEntry, EventLog, Group, RoomHead, Run } from '../event-log.js';
import { runOf, within } from '../run.js';

/** Bytes that a session takes in a snapshot besides its name and ordinals, about. */
const snapshotSessionBytes = 160;

/** What a room has that the store has not taken over yet: durable groups, one behind the other, and its newest snapshot. */
export class RoomAhead {
  /** After its newest entry. */
  head: RoomHead;
  readonly #entries: EncodedEntry[] = [];
  /** The entries as they are stored. */
  readonly #stored: Buffer[] = [];
  /** Where each group ends in `#entries`, and how many participants are present then. */
  readonly #groups: { readonly end: number; readonly participants: number }[] = [];
  #snapshot: Snapshot | undefined;
  readonly #parts = new Map<number, SnapshotPart>();
  readonly #unneededParts = new Set<number>();
  /** So many of its groups, and of its entries, the store has. */
  #groupsTaken = 0;
  #entriesTaken = 0;

  constructor(head: RoomHead) {
    this.head = head;
  }

  /** Adds the group that goes on from here, whose entries are stored as `stored`. */
  add(
    { entries, participants, snapshot, parts = [], unneededParts = [] }: Group,
    stored: readonly Buffer[],
    head: RoomHead,
  ): void {
    for (const [index, entry] of entries.entries()) {
      this.#entries.push(entry);
      this.#stored.push(stored[index] as Buffer);
    }
    this.#groups.push({ end: this.#entries.length, participants });
    this.head = head;
    if (snapshot) this.#snapshot = snapshot;
    for (const part of parts) {
      this.#parts.set(part.through, part);
      this.#unneededParts.delete(part.through);
    }
    for (const through of unneededParts) {
      this.#parts.delete(through);
      this.#unneededParts.add(through);
    }
  }

  /** What the store is to take over next, of whole groups at least `entriesMin` entries or all there are. */
  next(entriesMin: number): { readonly group: Group; readonly groups: number; readonly isLast: boolean } {
    let groups = this.#groupsTaken + 1;
    while (groups < this.#groups.length && (this.#groups[groups - 1]?.end ?? 0) - this.#entriesTaken < entriesMin) {
      groups += 1;
    }
    const { end = 0, participants = 0 } = this.#groups[groups - 1] ?? {};
    const { room, logId } = this.head;
    const isLast = groups >= this.#groups.length;
    const group: Group = {
      ...{ room, logId, participants },
      entries: this.#entries.slice(this.#entriesTaken, end),
      stored: this.#stored.slice(this.#entriesTaken, end),
      // With the last of the entries that lead to them.
      ...(isLast && this.#snapshot && { snapshot: this.#snapshot }),
      ...(isLast && { parts: [...this.#parts.values()], unneededParts: [...this.#unneededParts] }),
    };
    return { group, groups, isLast };
  }

  /** The store has all up to there (`next`). */
  taken(groups: number): void {
    this.#groupsTaken = groups;
    this.#entriesTaken = this.#groups[groups - 1]?.end ?? 0;
  }

  /** Its events after `after`, at most `max` of at most `bytesMax` bytes; undefined where the first of them is not here. */
  read(after: number, max: number, bytesMax: number): Run | undefined {
    const from = this.#indexAfter(after);
    if (from === undefined || from >= this.#entries.length) return undefined;
    const encodings = this.#entries.slice(from, from + max).map(({ bytes }) => bytes);
    return encodings.length === 0 ? undefined : runOf(after + 1, within(encodings, bytesMax));
  }

  /** Undefined where the event is not here. */
  chainAt(sequence: number): string | undefined {
    const from = this.#indexAfter(sequence - 1);
    return from === undefined ? undefined : this.#entries[from]?.event.chain;
  }

  /** Its snapshot, if it has one, and the parts of snapshots with what it adds and drops. */
  recovery(stored: { readonly snapshot: Snapshot | undefined; readonly parts: ReadonlyMap<number, SnapshotPart> }): {
    readonly snapshot: Snapshot | undefined;
    readonly parts: Map<number, SnapshotPart>;
  } {
    const parts = new Map(stored.parts);
    for (const [through, part] of this.#parts) parts.set(through, part);
    for (const through of this.#unneededParts) parts.delete(through);
    return { snapshot: this.#snapshot ?? stored.snapshot, parts };
  }

  /** Its entries as they are now. */
  entries(): readonly Entry[] {
    return this.#entries.slice();
  }

  /** Where the entry after `sequence` is, or would be; undefined where that is before its first. */
  #indexAfter(sequence: number): number | undefined {
    const first = this.#entries[0]?.event.sequence;
    return first === undefined || sequence + 1 < first ? undefined : sequence + 1 - first;
  }
}

/** About how many bytes a group takes in the store, whose entries are stored as `stored`. */
export function bytesInStore({ snapshot, parts = [] }: Group, stored: readonly Buffer[]): number {
  let bytes = snapshot ? snapshotBytes(snapshot) : 0;
  for (const { length } of stored) bytes += length;
  for (const { pairs } of parts) bytes += pairs.length;
  return bytes;
}

function snapshotBytes({ sessions, ended = [] }: Snapshot): number {
  return [...sessions, ...ended].reduce((sum, { ordinals }) => sum + snapshotSessionBytes + ordinals.length, 0);
}

/** Entries of one transaction of the store, about; a room counts as so many, for its head and its way in the tree. */
const entriesPerTakeOver = 1024;
const entriesPerRoom = 8;

/** How many transactions `takeOver` makes for so much, at most, about. */
export function transactionsOf(entries: number, rooms: number): number {
  return Math.ceil((entries + entriesPerRoom * rooms) / entriesPerTakeOver);
}

/**
 * Has the store take over all of `rooms`, in slices, and takes out of them what it has. Rejects with the store's error; what is left in
 * `rooms` then it does not have, but for the groups that are `taken`.
 */
export async function takeOver(rooms: Map<string, RoomAhead>, store: Pick<EventLog, 'append'>): Promise<void> {
  while (rooms.size > 0) {
    const given: { readonly ahead: RoomAhead; readonly groups: number; readonly isLast: boolean }[] = [];
    const appended: Promise<void>[] = [];
    let left = entriesPerTakeOver;
    for (const ahead of rooms.values()) {
      if (left <= 0) break;
      const { group, ...place } = ahead.next(left);
      left -= group.entries.length + entriesPerRoom;
      given.push({ ahead, ...place });
      appended.push(store.append(group));
    }
    const settled = await Promise.allSettled(appended);
    for (const [index, { ahead, groups, isLast }] of given.entries()) {
      if (settled[index]?.status !== 'fulfilled') continue;
      if (isLast) rooms.delete(ahead.head.room);
      else ahead.taken(groups);
    }
    for (const outcome of settled) if (outcome.status === 'rejected') throw outcome.reason;
  }
}
