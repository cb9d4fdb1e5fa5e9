import { join } from 'node:path';
import * as lmdb from 'lmdb';
import { chainStart, nextChain } from '../../../core/chain.js';
import type { KnownEvent } from '../../../core/event.js';
import { checksumSeed, eventSeed, isSound, partSeed, sealed, unsealed } from '../checksum.js';
import type { RoomHead, RoomLogId } from '../event-log.js';
import { canBeRead, NotLmdbFile } from '../lmdb/lmdb-file.js';
import { type Leaf, LmdbPages, type PageFault } from '../lmdb/lmdb-pages.js';
import { isRemovalMark, markedRooms } from '../lmdb/removals.js';
import { idOf } from '../lmdb/stored-values.js';
import { entryOf, storedChain } from '../stored-entry.js';
import { type FoundGroup, framedEntry } from '../write-ahead/frame-codec.js';
import { lackedOf, leftoversIn } from '../write-ahead/leftovers.js';

/** lmdb exports it, and its types do not tell. */
const { bufferToKeyValue } = lmdb as unknown as { readonly bufferToKeyValue: (bytes: Buffer) => unknown };

/** What a store has of one room. */
export interface RoomReport {
  readonly room: string;
  /** Undefined where it is lost. */
  readonly id: RoomLogId | undefined;
  /** All events up to this one are there, sound, and follow from each other; 0: not even the first. */
  readonly good: number;
  /** The newest event that is there or was, as far as can be told. */
  readonly newest: number;
  /** Events from the first on that cannot be read or do not follow from the one before. */
  readonly damaged: number;
  /** Whether its head is as it was written; where not, the next start makes it anew. */
  readonly headSound: boolean;
  /** Damaged snapshots, and parts of them: the next start does without. */
  readonly snapshotsDamaged: number;
}

export interface StoreReport {
  readonly directory: string;
  /** 1 has no checksums: of such a store the structure and the chains were checked. */
  readonly format: unknown;
  /** What is damaged of the file's structure, the first hundred: with any, no server opens it. */
  readonly faults: readonly PageFault[];
  /** Whether LMDB can read all of it. Not tried where the structure is damaged. */
  readonly lmdbReads: boolean;
  /**
   * Whether what is in its write-ahead segments is as it was written; where not, acknowledged events are lost, of
   * whichever rooms.
   */
  readonly segmentsSound: boolean;
  /** Events that are in the segments only: the next start has LMDB take them over. `rooms` counts them. */
  readonly ahead: number;
  /** By name. */
  readonly rooms: readonly RoomReport[];
  /** Rooms that are gone and of which something is left; none of `rooms`. The next start removes it. */
  readonly removing: readonly string[];
}

export interface CheckParts {
  /** Makes an event of the bytes that it was appended with. */
  readonly decode: (bytes: Buffer) => KnownEvent;
  /** Is called with how much was looked at, of how much. */
  readonly progress?: (done: number, total: number) => void;
}

/** Is given what is sound in a store, as it is found, sealed as in format 2. */
export interface SoundValues {
  /** The events of each room, in order, from the first to its last good one. */
  entry(room: string, event: KnownEvent, stored: Buffer): void;
  snapshot(room: string, slot: 0 | 1, stored: Buffer): void;
  part(room: string, through: number, stored: Buffer): void;
}

/** Whether all of a store is as it was written. */
export function isGood({ faults, lmdbReads, segmentsSound, rooms, format }: StoreReport): boolean {
  if (faults.length > 0 || !lmdbReads || !segmentsSound || !Number.isSafeInteger(format)) return false;
  return rooms.every(
    ({ good, newest, headSound, snapshotsDamaged }) => good === newest && headSound && snapshotsDamaged === 0,
  );
}

/**
 * Checks all that a store at rest has, without LMDB: damage that would end the process is found like any other. The
 * caller sees to it that nobody has it open. Throws `NotLmdbFile` where there is no store.
 */
export function checkStore(directory: string, { decode, progress }: CheckParts, sound?: SoundValues): StoreReport {
  const path = join(directory, 'data.mdb');
  const pages = LmdbPages.open(path);
  if (!pages) throw new NotLmdbFile(`${path} is no store of this program, or is damaged at its beginning.`);
  if (progress) pages.progress = progress;
  const found = new FoundRooms(decode, sound);
  try {
    pages.walk((database, leaf) => found.add(database, leaf), { values: true });
  } finally {
    pages.close();
  }
  const { faults } = pages;
  const lmdbReads = faults.length === 0 && canBeRead(directory);
  const { groups = [], isDamaged = false } = leftoversIn(directory, decode) ?? {};
  const [ahead, fit] = [found.addAhead(groups), found.aheadFits];
  const segments = { segmentsSound: !isDamaged && fit, ahead };
  const { format } = found;
  return { directory, format, faults, lmdbReads, ...segments, rooms: found.reports(), removing: found.removing() };
}

/** What is found of a room: a class only so that all begin alike. */
class FoundRoom {
  good = 0;
  /** The chain at `good`. */
  chain = chainStart;
  newest = 0;
  /** The chain at `newest`; undefined where that cannot be read. */
  newestChain: string | undefined = chainStart;
  damaged = 0;
  /** The next sequence that is due. */
  next = 1;
  id: RoomLogId | undefined;
  head: RoomHead | undefined;
  /** Whether a head or a log id is there, sound or not. */
  isThere = false;
  snapshotsDamaged = 0;

  /** What is known of events behind `place` is forgotten. */
  endAt({ sequence, chain }: RoomHead['place']): void {
    if (this.good > sequence) [this.good, this.chain] = [sequence, chain];
    this.newest = sequence;
    this.next = sequence + 1;
  }
}

/** What is found of the rooms, leaf by leaf. */
class FoundRooms {
  format: unknown;
  /** Whether what is in the segments follows from what is in LMDB. */
  aheadFits = true;
  readonly #rooms = new Map<string, FoundRoom>();
  readonly #decode: CheckParts['decode'];
  readonly #sound: SoundValues | undefined;
  #marked: readonly string[] = [];

  constructor(decode: CheckParts['decode'], sound: SoundValues | undefined) {
    this.#decode = decode;
    this.#sound = sound;
  }

  add(database: string, { key: keyBytes, value }: Leaf): void {
    const key = keyOf(keyBytes);
    const [room, number] = Array.isArray(key) ? key : [key, 0];
    if (typeof room !== 'string' || typeof number !== 'number') return;
    switch (database) {
      case 'about':
        if (room === 'format') this.format = json(value);
        else if (isRemovalMark(room)) this.#marked = markedRooms(json(value));
        break;
      case 'events':
        this.#addEntry(room, number, value);
        break;
      case 'entries':
        // Of format 1, which has no checksums.
        this.#addEntry(room, number, value && sealed(value, eventSeed(checksumSeed('event', room), number)));
        break;
      case 'rooms':
        this.#addHead(room, value && json(unsealed(value, checksumSeed('head', room))));
        break;
      case 'heads':
        this.#addHead(room, json(value));
        break;
      case 'ids':
        this.#room(room).isThere = true;
        this.#room(room).id ??= value && idOf(json(unsealed(value, checksumSeed('id', room))));
        break;
      case 'states':
        this.#addSnapshot(room, number === 1 ? 1 : 0, value);
        break;
      case 'snapshots':
        this.#addSnapshot(room, 0, value && sealed(value, checksumSeed('snapshot', room)));
        break;
      case 'parts':
        if (!value || !isSound(value, partSeed(room, number))) this.#room(room).snapshotsDamaged += 1;
        else this.#sound?.part(room, number, value);
        break;
    }
  }

  /** Adds what is in the segments and not in LMDB; returns how many events that is. */
  addAhead(groups: readonly FoundGroup[]): number {
    let events = 0;
    for (const group of groups) {
      const { room, logId, participants } = group;
      if (this.removing().includes(room)) this.#rooms.delete(room);
      const found = this.#room(room);
      // Behind its head LMDB may have what was never acknowledged.
      if (found.head && found.head.place.sequence < found.newest) found.endAt(found.head.place);
      const place = found.head?.place ?? { sequence: found.newest, lamport: 0, chain: found.newestChain ?? '' };
      const chainAt = (sequence: number) => (sequence === place.sequence ? place.chain : undefined);
      const lacked = lackedOf(group, place, chainAt);
      if (!lacked) {
        this.aheadFits = false;
        continue;
      }
      for (const [index, { event }] of lacked.entries.entries()) {
        const { sequence, lamport, chain } = event;
        this.#addEntry(room, sequence, framedEntry(lacked.framed, index));
        if (!found.isThere || found.head) {
          found.head = { ...(found.head ?? { room, logId }), place: { sequence, lamport, chain }, participants };
        }
        events += 1;
      }
      found.isThere = true;
    }
    return events;
  }

  reports(): RoomReport[] {
    const removing = new Set(this.removing());
    return [...this.#rooms]
      .filter(([room, { newest, head }]) => !removing.has(room) && (newest > 0 || head !== undefined))
      .map(([room, { good, head, id, snapshotsDamaged, ...found }]) => {
        // What stands behind the head was never acknowledged: a failed write may have left it.
        const newest = head?.place.sequence ?? found.newest;
        const damaged = found.damaged + Math.max(0, newest + 1 - found.next);
        return {
          ...{ room, id: head ? logIdOf(head) : id, good: Math.min(good, newest), newest },
          damaged: good >= newest ? 0 : Math.max(1, Math.min(damaged, newest - good)),
          headSound: head !== undefined,
          snapshotsDamaged,
        };
      })
      .sort((a, b) => (a.room < b.room ? -1 : 1));
  }

  /** See `Removals`. */
  removing(): string[] {
    return this.#marked.filter((room) => !this.#rooms.get(room)?.isThere);
  }

  #room(room: string): FoundRoom {
    const found = this.#rooms.get(room) ?? new FoundRoom();
    this.#rooms.set(room, found);
    return found;
  }

  #addEntry(room: string, sequence: number, stored: Buffer | undefined): void {
    const found = this.#room(room);
    if (sequence < found.next) return;
    found.damaged += sequence - found.next;
    found.next = sequence + 1;
    found.newest = sequence;
    const event = stored && this.#soundEvent(found, room, sequence, stored);
    found.newestChain = event?.chain;
    if (!event) found.damaged += 1;
    else if (sequence === found.good + 1) {
      [found.good, found.chain] = [sequence, event.chain];
      this.#sound?.entry(room, event, stored);
    }
  }

  /** The event, where it is as it was written and, if all before it is good, follows from that. */
  #soundEvent({ good, chain }: FoundRoom, room: string, sequence: number, stored: Buffer): KnownEvent | undefined {
    if (!isSound(stored, eventSeed(checksumSeed('event', room), sequence))) return undefined;
    try {
      const { event } = entryOf(stored, this.#decode);
      if (event.sequence !== sequence || event.chain !== storedChain(stored)) return undefined;
      return sequence !== good + 1 || event.chain === nextChain(chain, event) ? event : undefined;
    } catch {
      return undefined;
    }
  }

  #addHead(room: string, value: unknown): void {
    const found = this.#room(room);
    found.isThere = true;
    const head = (value ?? {}) as Partial<RoomHead>;
    if (typeof head.logId !== 'string' || !Number.isSafeInteger(head.place?.sequence)) return;
    if (head.room === room) found.head = head as RoomHead;
  }

  #addSnapshot(room: string, slot: 0 | 1, stored: Buffer | undefined): void {
    if (!stored || !json(unsealed(stored, checksumSeed('snapshot', room)))) this.#room(room).snapshotsDamaged += 1;
    else this.#sound?.snapshot(room, slot, stored);
  }
}

function logIdOf({ logId, logIdAfter }: RoomHead): RoomLogId {
  return logIdAfter === undefined ? { logId } : { logId, logIdAfter };
}

function keyOf(bytes: Buffer): unknown {
  try {
    return bufferToKeyValue(bytes);
  } catch {
    return undefined;
  }
}

function json(value: Buffer | undefined): unknown {
  try {
    return value && JSON.parse(value.toString('utf8'));
  } catch {
    return undefined;
  }
}
