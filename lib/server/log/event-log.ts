import { randomUUID } from 'node:crypto';
import type { Entry } from '../../core/event.js';
import type { Position, Snapshot } from '../../core/room-state.js';
import { beginning } from '../../core/room-state.js';
import type { Slices } from '../../core/slices.js';
import type { SnapshotPart } from '../../core/snapshot-ledger.js';

/** An entry with its event encoded for the wire, as a ChatResponse of this one event (codec: `encodeEvent`). */
export interface EncodedEntry extends Entry {
  readonly bytes: Buffer;
}

/** Names one history of a room. */
export interface RoomLogId {
  /** Random, made with the room's event log: another event log under the same name has another id [P11]. */
  readonly logId: string;
  /**
   * The event after which this log id began, where the room is older: a cut or older store goes on from there, and
   * whoever joined up to there knew another history. Missing, or 0: it began with the room.
   */
  readonly logIdAfter?: number;
}

/** What an event log knows of a room without reading its events. */
export interface RoomHead extends RoomLogId {
  readonly room: string;
  /** The newest durable event's place. */
  readonly place: Position;
  /** How many were present after it. */
  readonly participants: number;
}

/** A group to append. */
export interface Group {
  readonly room: string;
  /**
   * Their sequences go on from the room's newest without gap. One or more; none only where a room that has a head is to
   * have a newer snapshot.
   */
  readonly entries: readonly EncodedEntry[];
  /** How many are present after the last of them. */
  readonly participants: number;
  /** The room's state after the last of them, where it is time to keep one: it takes the earlier one's place. */
  readonly snapshot?: Snapshot;
  /** Parts that this snapshot, or one to come, names. One of the same `through` is written over. */
  readonly parts?: readonly SnapshotPart[];
  /**
   * `through` of parts to drop: neither the room's newest snapshot (this group's, if it has one) nor a later one names
   * them.
   */
  readonly unneededParts?: readonly number[];
}

/** What is durable of a room elsewhere, one or more of its groups, for a store to take over. */
export interface DurableGroups extends Pick<Group, 'snapshot' | 'parts' | 'unneededParts'> {
  /** The room's head after them. */
  readonly head: RoomHead;
  /** Their entries as they are stored (`storedEntries`), up to the one at the head. None only with a newer snapshot. */
  readonly stored: readonly Buffer[];
}

/** Events that are read, or replayed, in one slice of a recovery. */
export const entriesPerSlice = 128;

/** What a room's state is rebuilt from: replaying `entries` on `snapshot` (or on the empty room). */
export interface Recovery {
  readonly head: RoomHead;
  /** The newest of which all parts are there. */
  readonly snapshot: Snapshot | undefined;
  /** All parts that are kept of the room, oldest first, whether `snapshot` names them or not. */
  readonly parts: readonly SnapshotPart[];
  /** The entries after the snapshot, oldest first, read in pages of `entriesPerSlice` as they are asked for. */
  readonly entries: Iterable<Entry>;
}

/** A run of consecutive events as they go over the wire: encodings laid end to end are the encoding of all of them. */
export interface Run {
  readonly first: number;
  readonly last: number;
  readonly bytes: Buffer;
  /** Where each event's bytes end in `bytes`, oldest first. */
  readonly ends: readonly number[];
}

/**
 * The rooms' event logs. Participants may see all of it: a crash undoes nothing that `read`, `heads` or `recover` have
 * returned [P4].
 */
export interface EventLog {
  /**
   * Makes a group durable, all of it or nothing. Resolves when it will survive the end of the process and, with the
   * default durability, the loss of power; from then on it is read. Rejects with `LogUnwritable` when it was not
   * written (disk full, I/O error): the event log is as before, goes on being read, and may be appended to again.
   * The caller has at most one append of a room under way.
   */
  append(group: Group): Promise<void>;

  /**
   * Forgets a room: its events, its snapshot and its head, all of it or nothing. Resolves when that is as durable as an
   * append; until then the room is read as before, from then on there is none, and the next group of this name makes
   * another log id [P11]. Nothing happens where there is none. Rejects with `LogUnwritable` when the room is still
   * there. The caller has no append of the room under way, and begins none before this has settled. Of a large room a
   * log may still have parts then, which no reader sees, and removes them by and by.
   */
  remove(room: string): Promise<void>;

  /**
   * The events after `after`, oldest first and without gap, at most `max`; undefined if there are none yet. Of more
   * than `bytesMax` bytes (default: no limit) only if the first one alone is; the run's buffer is no part of a larger
   * one. Throws `EventsForgotten` if the one after `after` is no longer kept. Ends before an event that is damaged;
   * throws `LogDamaged` if that is the first one.
   */
  read(room: string, after: number, max: number, bytesMax?: number): Run | undefined;

  /**
   * The chain at `sequence` (`chainStart` at 0); undefined where the event log does not reach to it or keeps it no
   * longer. Throws `LogDamaged` where it is damaged.
   */
  chainAt(room: string, sequence: number): string | undefined;

  /** The oldest sequence that is kept; 1 for an event log that forgets nothing. */
  oldest(room: string): number;

  head(room: string): RoomHead | undefined;

  /** All rooms that have at least one event, by name. */
  heads(): RoomHead[];

  /**
   * For a room that has a head; throws for any other. In slices, while which nothing is appended to the room. Reading
   * the entries throws `LogDamaged` at the first that is damaged, or that does not follow the one before it.
   */
  recover(room: string): Slices<Recovery>;

  /** Waits for appends under way and lets the store go. */
  close(): Promise<void>;
}

/** An append that was not written. `cause` holds the store's error. */
export class LogUnwritable extends Error {
  override name = 'LogUnwritable';
}

/** Events were asked for that the event log has dropped. */
export class EventsForgotten extends Error {
  override name = 'EventsForgotten';
}

/** An event log no longer holds what was written to it: the event at `sequence` of a room cannot be read. */
export class LogDamaged extends Error {
  override name = 'LogDamaged';
  readonly room: string;
  readonly sequence: number;

  constructor(room: string, sequence: number, options?: ErrorOptions) {
    super(`the event ${sequence} of room ${room} is damaged`, options);
    this.room = room;
    this.sequence = sequence;
  }
}

/** Another process has the store open. */
export class StoreInUse extends Error {
  override name = 'StoreInUse';
}

/** The head of a room that goes on as it is under another log id: no session goes on with it. */
export function renewedHead({ room, place, participants }: Omit<RoomHead, 'logId'>): RoomHead {
  return { room, logId: randomUUID(), logIdAfter: place.sequence, place, participants };
}

/**
 * The head a room has once `group` is in its event log; the first group of a room makes its log id. Throws where the
 * group does not go on from `before` without gap: that is a fault of the caller, and writing it would break [P1].
 */
export function nextHead(before: RoomHead | undefined, group: Group): RoomHead {
  const { room, entries, participants } = group;
  let sequence = before?.place.sequence ?? beginning.sequence;
  for (const { event } of entries) {
    if (event.sequence !== sequence + 1) {
      throw new RangeError(`room ${room}: after event ${sequence} comes ${sequence + 1}, not ${event.sequence}`);
    }
    sequence += 1;
  }
  const newest = entries.at(-1)?.event;
  if (!newest) {
    const chain = group.snapshot?.place.sequence === sequence ? group.snapshot.place.chain : undefined;
    if (before && chain === before.place.chain) return before;
    throw new RangeError(`room ${room}: a group has at least one entry, or a snapshot of the room as it is`);
  }
  const { lamport, chain } = newest;
  const head = { room, logId: before?.logId ?? randomUUID(), place: { sequence, lamport, chain }, participants };
  return before?.logIdAfter === undefined ? head : { ...head, logIdAfter: before.logIdAfter };
}
