import type { SnapshotPart } from '../../../core/snapshot-ledger.js';
import { partSeed, sealed, sealedJson } from '../checksum.js';
import type { Group, RoomHead, RoomLogId } from '../event-log.js';
import { storedEntries } from '../stored-entry.js';
import type { SnapshotKey } from './databases.js';

/**
 * A part of a session's ordinals as the LMDB event log stores it, beside the snapshots that name it: byte length of the
 * session id (u16 BE) · session id · and then, to the end, the pairs as the core encodes them. Its key is the room and
 * `through`.
 */
export function storedPart({ session, pairs }: SnapshotPart): Buffer {
  const sessionBytes = Buffer.byteLength(session);
  const stored = Buffer.allocUnsafe(2 + sessionBytes + pairs.length);
  let at = stored.writeUInt16BE(sessionBytes);
  at += stored.write(session, at);
  stored.write(pairs, at, 'latin1');
  return stored;
}

/** The part that was stored under `through`. */
export function partOf(through: number, stored: Buffer): SnapshotPart {
  const pairsAt = 2 + stored.readUInt16BE(0);
  return { session: stored.toString('utf8', 2, pairsAt), through, pairs: stored.toString('latin1', pairsAt) };
}

/**
 * A room's log id as it is stored apart from its head, sealed: a JSON string, the id; of a log id that did not begin
 * with the room, id, a space, and `logIdAfter`. To earlier versions that is another log id, which is what they need to
 * see.
 */
export function storedId({ logId, logIdAfter = 0 }: RoomLogId, room: string): Buffer {
  return sealedJson(logIdAfter === 0 ? logId : `${logId} ${logIdAfter}`, 'id', room);
}

/** The log id of the JSON that was stored; undefined where that is none. */
export function idOf(stored: unknown): RoomLogId | undefined {
  if (typeof stored !== 'string') return undefined;
  const [logId = '', after] = stored.split(' ');
  return after === undefined ? { logId } : { logId, logIdAfter: Number(after) };
}

/** Values to be written, sealed. They come encoded: what throws within a batch leaves half of it to be written. */
export interface StoredValues {
  readonly entries: readonly { readonly room: string; readonly sequence: number; readonly value: Buffer }[];
  readonly snapshots: readonly (readonly [key: SnapshotKey, value: Buffer])[];
  readonly parts: readonly (readonly [key: readonly [room: string, through: number], value: Buffer])[];
  readonly heads: readonly (readonly [room: string, value: Buffer])[];
  /** The log ids of rooms that begin. */
  readonly ids: readonly (readonly [room: string, value: Buffer])[];
}

/** What one transaction writes and removes. */
export interface StoreWrite extends StoredValues {
  /** Parts to remove. */
  readonly unneededParts: readonly (readonly [room: string, through: number])[];
  /** Rooms to remove, which no other list names. Entries and parts go in slices: this write removes the first. */
  readonly removed: readonly string[];
  /** Rooms of `LmdbStore.removing` of which one more slice is to be removed. */
  readonly removing: readonly string[];
}

/** What is written of one room, beside its head: groups, or what was durable elsewhere. */
export interface WrittenGroups extends Pick<Group, 'snapshot' | 'parts' | 'unneededParts'> {
  readonly room: string;
  /** The sequence of the first entry. */
  readonly first: number;
  /** The entries as they are stored. */
  readonly stored: readonly Buffer[];
}

/** A group's entries as they are stored. */
export function writtenOf({ entries, ...group }: Group): WrittenGroups {
  return { ...group, first: entries[0]?.event.sequence ?? 0, stored: storedEntries(group.room, entries) };
}

/**
 * What a transaction writes of `groups`, with the heads that their rooms have then, sealed. `isNew`: whether a room
 * begins with them. `slot`: where a room's next snapshot goes.
 */
export function writeOf(
  groups: readonly WrittenGroups[],
  heads: ReadonlyMap<string, RoomHead>,
  { isNew, slot }: { readonly isNew: (room: string) => boolean; readonly slot: (room: string) => 0 | 1 },
): WriteOfGroups {
  const write: Writable<WriteOfGroups> = {
    entries: [],
    snapshots: [],
    parts: [],
    unneededParts: [],
    heads: [],
    ids: [],
  };
  for (const { room, first, stored, snapshot, parts = [], unneededParts = [] } of groups) {
    for (const [index, value] of stored.entries()) write.entries.push({ room, sequence: first + index, value });
    if (snapshot) write.snapshots.push([[room, slot(room)], sealedJson(snapshot, 'snapshot', room)]);
    for (const part of parts) {
      write.parts.push([[room, part.through], sealed(storedPart(part), partSeed(room, part.through))]);
    }
    for (const through of unneededParts) write.unneededParts.push([room, through]);
  }
  for (const [room, head] of heads) {
    write.heads.push([room, sealedJson(head, 'head', room)]);
    if (isNew(room)) write.ids.push([room, storedId(head, room)]);
  }
  return write;
}

type WriteOfGroups = Omit<StoreWrite, 'removed' | 'removing'>;
type Writable<Lists> = {
  -readonly [List in keyof Lists]: Lists[List] extends readonly (infer Value)[] ? Value[] : never;
};
