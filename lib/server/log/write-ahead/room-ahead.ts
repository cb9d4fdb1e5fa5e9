import type { Entry, KnownEvent } from '../../../core/event.js';
import type { Snapshot } from '../../../core/room-state.js';
import type { SnapshotPart } from '../../../core/snapshot-ledger.js';
import type { DurableGroups, Group, RoomHead, Run } from '../event-log.js';
import { runOf, within } from '../run.js';
import { entryOf, storedBytes, storedChain } from '../stored-entry.js';
import { type FramedEntries, framedEntry } from './frame-codec.js';

/** Bytes that a session takes in a snapshot besides its name and ordinals, about. */
const snapshotSessionBytes = 160;

/** One group's entries. */
interface HeldGroup {
  /** The sequence of its first entry. */
  readonly first: number;
  readonly framed: FramedEntries;
  /** How many participants are present after its last. */
  readonly participants: number;
}

/**
 * What a room has that the store has not taken over yet: durable groups, one behind the other, and its newest snapshot.
 */
export class RoomAhead {
  /** After its newest entry. */
  head: RoomHead;
  readonly #decode: (bytes: Buffer) => KnownEvent;
  readonly #groups: HeldGroup[] = [];
  #snapshot: Snapshot | undefined;
  readonly #parts = new Map<number, SnapshotPart>();
  readonly #unneededParts = new Set<number>();
  /** So many of its groups the store has. */
  #taken = 0;

  /** `decode` makes an event of its wire bytes. */
  constructor(head: RoomHead, decode: (bytes: Buffer) => KnownEvent) {
    this.head = head;
    this.#decode = decode;
  }

  /** Adds the group that goes on from here, with its entries, if it has any; `head`: the room's after it. */
  add(
    { participants, snapshot, parts = [], unneededParts = [] }: Omit<Group, 'entries'>,
    framed: FramedEntries | undefined,
    head: RoomHead,
  ): void {
    if (framed) this.#groups.push({ first: head.place.sequence - framed.starts.length + 1, framed, participants });
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

  /**
   * What the store is to take over next, of whole groups at least `entriesMin` entries or all there are; then call
   * `taken`.
   */
  next(entriesMin: number): { readonly durable: DurableGroups; readonly groups: number; readonly isLast: boolean } {
    const stored: Buffer[] = [];
    let groups = this.#taken;
    let last: HeldGroup | undefined;
    while (groups < this.#groups.length && stored.length < entriesMin) {
      last = this.#groups[groups] as HeldGroup;
      for (let index = 0; index < last.framed.starts.length; index += 1) stored.push(framedEntry(last.framed, index));
      groups += 1;
    }
    if (last && groups < this.#groups.length) {
      const { sequence, lamport, chain } = entryOf(stored.at(-1) as Buffer, this.#decode).event;
      const head = { ...this.head, place: { sequence, lamport, chain }, participants: last.participants };
      return { durable: { head, stored }, groups, isLast: false };
    }
    // With the last of the entries that lead to them.
    const durable: DurableGroups = {
      ...{ head: this.head, stored },
      ...(this.#snapshot && { snapshot: this.#snapshot }),
      ...{ parts: [...this.#parts.values()], unneededParts: [...this.#unneededParts] },
    };
    return { durable, groups, isLast: true };
  }

  /** The store has all up to there (`next`). */
  taken(groups: number): void {
    this.#taken = groups;
  }

  /**
   * Its events after `after`, at most `max` of at most `bytesMax` bytes; undefined where the first of them is not here.
   */
  read(after: number, max: number, bytesMax: number): Run | undefined {
    const encodings: Buffer[] = [];
    let bytes = 0;
    for (const stored of this.#storedAfter(after)) {
      if (encodings.length >= max || bytes > bytesMax) break;
      const encoding = storedBytes(stored);
      encodings.push(encoding);
      bytes += encoding.length;
    }
    return encodings.length === 0 ? undefined : runOf(after + 1, within(encodings, bytesMax));
  }

  /** Undefined where the event is not here. */
  chainAt(sequence: number): string | undefined {
    for (const stored of this.#storedAfter(sequence - 1)) return storedChain(stored);
    return undefined;
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

  /** Its entries as they are now, decoded as they are asked for. */
  entries(): Iterable<Entry> {
    const groups = this.#groups.slice();
    const decode = this.#decode;
    return {
      *[Symbol.iterator]() {
        for (const { framed } of groups) {
          for (let index = 0; index < framed.starts.length; index += 1)
            yield entryOf(framedEntry(framed, index), decode);
        }
      },
    };
  }

  /** The entries after `sequence` as they are stored; none where the first of them is not here. */
  *#storedAfter(sequence: number): Generator<Buffer, void> {
    const first = this.#groups[0]?.first;
    if (first === undefined || sequence + 1 < first || sequence >= this.head.place.sequence) return;
    for (let at = this.#groupOf(sequence + 1); at < this.#groups.length; at += 1) {
      const { framed, first: from } = this.#groups[at] as HeldGroup;
      for (let index = Math.max(0, sequence + 1 - from); index < framed.starts.length; index += 1) {
        yield framedEntry(framed, index);
      }
    }
  }

  /** The index of the group that has the entry at `sequence`, by halves. */
  #groupOf(sequence: number): number {
    let [low, high] = [0, this.#groups.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#groups[middle] as HeldGroup).first <= sequence) low = middle;
      else high = middle - 1;
    }
    return low;
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

/** Takes over what is durable elsewhere, all of it or nothing. */
export interface TakesOver {
  takeOver(groups: readonly DurableGroups[]): Promise<void>;
}

/**
 * Has the store take over all of `rooms`, in slices of one transaction each, and takes out of them what it has. Rejects
 * with the store's error; what is left in `rooms` then it does not have, but for the groups that are `taken`.
 */
export async function takeOver(rooms: Map<string, RoomAhead>, store: TakesOver): Promise<void> {
  while (rooms.size > 0) {
    const given: { readonly ahead: RoomAhead; readonly groups: number; readonly isLast: boolean }[] = [];
    const slice: DurableGroups[] = [];
    let left = entriesPerTakeOver;
    for (const ahead of rooms.values()) {
      if (left <= 0) break;
      const { durable, ...place } = ahead.next(left);
      left -= durable.stored.length + entriesPerRoom;
      given.push({ ahead, ...place });
      slice.push(durable);
    }
    await store.takeOver(slice);
    for (const { ahead, groups, isLast } of given) {
      if (isLast) rooms.delete(ahead.head.room);
      else ahead.taken(groups);
    }
  }
}
