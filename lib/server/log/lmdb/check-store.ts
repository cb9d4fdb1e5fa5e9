import { join } from 'node:path';
import * as lmdb from 'lmdb';
import { chainStart, nextChain } from '../../../core/chain.js';
import type { KnownEvent } from '../../../core/event.js';
import type { RoomHead } from '../event-log.js';
import { checksumBytes, checksumSeed, eventSeed, isSound, seal, unsealed } from './checksum.js';
import { NotLmdbFile } from './lmdb-file.js';
import { type Leaf, LmdbPages, type PageFault } from './lmdb-pages.js';
import { canBeRead } from './readable-store.js';
import { isRemovalMark, markedRooms } from './removals.js';
import { entryOf, storedChain } from './stored-values.js';

/** What lmdb has of this is not in its types. */
const { bufferToKeyValue } = lmdb as unknown as { readonly bufferToKeyValue: (bytes: Buffer) => unknown };

/** What a store has of one room. */
export interface RoomReport {
  readonly room: string;
  /** The log id; undefined where it is lost. */
  readonly logId: string | undefined;
  /** All events up to this one are there, sound, and follow from each other; 0: not even the first. */
  readonly good: number;
  /** The newest event there is or was, as far as can be told. */
  readonly newest: number;
  /** Events from the first on that cannot be read or do not follow from the one before. */
  readonly damaged: number;
  /** Whether its head is as it was written; where not, the next start makes it anew. */
  readonly headSound: boolean;
  /** Snapshots, and parts of them, that are damaged: the next start does without. */
  readonly snapshotsDamaged: number;
}

export interface StoreReport {
  readonly directory: string;
  /** 1 has no checksums: of such a store the structure and the chains were looked at. */
  readonly format: unknown;
  /** What of the file's structure is damaged, a hundred of them at most: with any, no server opens it. */
  readonly faults: readonly PageFault[];
  /** Whether LMDB can read all of it. Not asked where the structure is damaged. */
  readonly lmdbReads: boolean;
  /** By name. */
  readonly rooms: readonly RoomReport[];
  /** Rooms that are gone and of which something is left; none of `rooms`. The next one who opens the store removes it. */
  readonly removing: readonly string[];
}

export interface CheckParts {
  /** Makes an event of the bytes it was appended with. */
  readonly decode: (bytes: Buffer) => KnownEvent;
  /** Told how much was looked at, of how much. */
  readonly progress?: (done: number, total: number) => void;
}

/** What is sound in a store, as it is found, sealed as in format 2. */
export interface SoundParts {
  /** The events of each room, in order, from the first to its last good one. */
  entry(room: string, event: KnownEvent, stored: Buffer): void;
  snapshot(room: string, slot: 0 | 1, stored: Buffer): void;
  part(room: string, through: number, stored: Buffer): void;
}

/**
 * Looks at all that a store at rest has, without LMDB: damage that would end the process is found like any other. The caller sees to it
 * that nobody has it open. Throws `NotLmdbFile` where there is no store. `sound` is given what is.
 */
export function checkStore(directory: string, { decode, progress }: CheckParts, sound?: SoundParts): StoreReport {
  const path = join(directory, 'data.mdb');
  const pages = LmdbPages.open(path);
  if (!pages) throw new NotLmdbFile(`${path} is no store of this program, or is damaged at its beginning.`);
  if (progress) pages.progress = progress;
  const found = new FoundRooms(decode, sound);
  try {
    pages.walk((database, leaf) => found.take(database, leaf), { values: true });
  } finally {
    pages.close();
  }
  const { faults } = pages;
  return {
    directory,
    format: found.format,
    faults,
    lmdbReads: faults.length === 0 && canBeRead(directory),
    rooms: found.reports(),
    removing: found.removing(),
  };
}

interface FoundRoom {
  good: number;
  /** The chain at `good`. */
  chain: string;
  newest: number;
  damaged: number;
  /** The next sequence that is due. */
  next: number;
  logId: string | undefined;
  head: RoomHead | undefined;
  /** Whether a head or a log id is there, sound or not. */
  isThere: boolean;
  snapshotsDamaged: number;
}

/** What is found of the rooms, leaf by leaf. */
class FoundRooms {
  format: unknown;
  readonly #rooms = new Map<string, FoundRoom>();
  readonly #decode: CheckParts['decode'];
  readonly #sound: SoundParts | undefined;
  #marked: readonly string[] = [];

  constructor(decode: CheckParts['decode'], sound: SoundParts | undefined) {
    this.#decode = decode;
    this.#sound = sound;
  }

  take(database: string, { key: keyBytes, value }: Leaf): void {
    const key = keyOf(keyBytes);
    const [room, number] = Array.isArray(key) ? key : [key, 0];
    if (typeof room !== 'string' || typeof number !== 'number') return;
    switch (database) {
      case 'about':
        if (room === 'format') this.format = json(value);
        else if (isRemovalMark(room)) this.#marked = markedRooms(json(value));
        break;
      case 'events':
        this.#takeEntry(room, number, value);
        break;
      case 'entries':
        // Of format 1, which has no checksum.
        this.#takeEntry(room, number, value && sealedAs(value, eventSeed(checksumSeed('event', room), number)));
        break;
      case 'rooms':
        this.#takeHead(room, value && json(unsealed(value, checksumSeed('head', room))));
        break;
      case 'heads':
        this.#takeHead(room, json(value));
        break;
      case 'ids':
        this.#room(room).isThere = true;
        this.#room(room).logId ??= value && (json(unsealed(value, checksumSeed('id', room))) as string | undefined);
        break;
      case 'states':
        this.#takeSnapshot(room, number === 1 ? 1 : 0, value);
        break;
      case 'snapshots':
        this.#takeSnapshot(room, 0, value && sealedAs(value, checksumSeed('snapshot', room)));
        break;
      case 'parts':
        if (!value || !isSound(value, eventSeed(checksumSeed('part', room), number)))
          this.#room(room).snapshotsDamaged += 1;
        else this.#sound?.part(room, number, value);
        break;
    }
  }

  reports(): RoomReport[] {
    const removing = new Set(this.removing());
    const rooms = [...this.#rooms].filter(
      ([room, { newest, head }]) => !removing.has(room) && (newest > 0 || head !== undefined),
    );
    return rooms
      .map(([room, { good, head, logId, ...found }]) => {
        // What stands behind the head was never acknowledged: a write that failed may have left it.
        const newest = head?.place.sequence ?? found.newest;
        const reported = { room, logId: head?.logId ?? logId, good: Math.min(good, newest), newest };
        const damaged = found.damaged + Math.max(0, newest + 1 - Math.max(found.next, 1));
        return {
          ...reported,
          damaged: good >= newest ? 0 : Math.max(1, Math.min(damaged, newest - good)),
          headSound: head !== undefined,
          snapshotsDamaged: found.snapshotsDamaged,
        };
      })
      .sort((a, b) => (a.room < b.room ? -1 : 1));
  }

  /** See `Removals`. */
  removing(): string[] {
    return this.#marked.filter((room) => !this.#rooms.get(room)?.isThere);
  }

  #room(room: string): FoundRoom {
    const known = this.#rooms.get(room);
    if (known) return known;
    const head = undefined;
    const made = {
      good: 0,
      chain: chainStart,
      newest: 0,
      damaged: 0,
      next: 1,
      logId: undefined,
      head,
      isThere: false,
      snapshotsDamaged: 0,
    };
    this.#rooms.set(room, made);
    return made;
  }

  #takeEntry(room: string, sequence: number, stored: Buffer | undefined): void {
    const found = this.#room(room);
    if (sequence < found.next) return;
    found.damaged += sequence - found.next;
    found.next = sequence + 1;
    found.newest = sequence;
    const event = stored && this.#soundEvent(found, room, sequence, stored);
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

  #takeHead(room: string, head: unknown): void {
    const found = this.#room(room);
    found.isThere = true;
    if (isHead(head) && head.room === room) found.head = head;
  }

  #takeSnapshot(room: string, slot: 0 | 1, stored: Buffer | undefined): void {
    if (!stored || !json(unsealed(stored, checksumSeed('snapshot', room)))) this.#room(room).snapshotsDamaged += 1;
    else this.#sound?.snapshot(room, slot, stored);
  }
}

function isHead(head: unknown): head is RoomHead {
  const { place, logId } = (head ?? {}) as Partial<RoomHead>;
  return typeof logId === 'string' && Number.isSafeInteger(place?.sequence);
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

/** A value of format 1 with a checksum before it. */
function sealedAs(value: Buffer, seed: number): Buffer {
  return seal(Buffer.concat([Buffer.alloc(checksumBytes), value]), seed);
}
