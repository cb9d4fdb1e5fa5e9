import { chainStart, nextChain } from '../../../core/chain.js';
import type { Entry, KnownEvent } from '../../../core/event.js';
import { beginning, hasItsParts, type Position, type Snapshot } from '../../../core/room-state.js';
import type { Slices } from '../../../core/slices.js';
import type { SnapshotPart } from '../../../core/snapshot-ledger.js';
import { type ChecksumKind, checksumSeed, eventSeed, isSound, partSeed, unsealed } from '../checksum.js';
import { entriesPerSlice, LogDamaged } from '../event-log.js';
import { entryOf, storedChain } from '../stored-entry.js';
import type { LmdbStore } from './lmdb-store.js';
import { partOf } from './stored-values.js';

/** What was found damaged of a room, and what came of it. */
export type Damage =
  /** An event cannot be read: reported once for each event, for at most `damagesToldMax` of them. */
  | { readonly kind: 'event'; readonly room: string; readonly sequence: number }
  /** A snapshot was passed over: the room is replayed from the one before it, or from its beginning. */
  | { readonly kind: 'snapshot'; readonly room: string }
  /**
   * The head was made anew from the entries, which end at `sequence`. The log id is another one where it was lost too,
   * or where it is not known how many events followed the last readable one.
   */
  | { readonly kind: 'head'; readonly room: string; readonly sequence: number; readonly newLogId: boolean };

export interface SoundReaderParts {
  /** The store; throws while it is not open. */
  readonly store: () => LmdbStore;
  /** Makes an event of the bytes that it was appended with. */
  readonly decode: (bytes: Buffer) => KnownEvent;
  readonly damaged: (damage: Damage) => void;
}

/** Parts of snapshots that are read in one slice. */
const partsPerSlice = 512;

/** So many damaged events are reported; later ones are as damaged. */
const damagesToldMax = 1024;

/** LMDB's codes for a damaged or missing page (MDB_PAGE_NOTFOUND, MDB_CORRUPTED, and MDB_BAD_TXN after either). */
const damagedPageCodes = [-30797, -30796, -30782];

/** Reads a store, and gives only what is as it was written: checks each value's checksum, and reports damage. */
export class SoundReader {
  readonly #parts: SoundReaderParts;
  readonly #damagesTold = new Set<string>();

  constructor(parts: SoundReaderParts) {
    this.#parts = parts;
  }

  /**
   * The stored entries from `first` on, up to `last` or to the first damaged one; none if `last` is before `first`.
   * Throws `LogDamaged` where the first of them is damaged or missing.
   */
  stored(room: string, first: number, last: number): Buffer[] {
    if (last < first) return [];
    const stored = this.#entries(room, first, last);
    const seed = checksumSeed('event', room);
    let sound = 0;
    while (sound < stored.length && isSound(stored[sound] as Buffer, eventSeed(seed, first + sound))) sound += 1;
    if (sound === last + 1 - first) return stored;
    this.#tellDamaged(room, first + sound);
    if (sound === 0) throw new LogDamaged(room, first);
    return stored.slice(0, sound);
  }

  /** The entry at `sequence`; undefined where it is damaged or missing. */
  entry(room: string, sequence: number): Entry | undefined {
    try {
      const [stored] = this.stored(room, sequence, sequence);
      return stored && entryOf(stored, this.#parts.decode);
    } catch (error) {
      if (error instanceof LogDamaged) return undefined;
      throw error;
    }
  }

  /** The entries after `from` up to `newest`. Throws `LogDamaged` at the first that does not follow its predecessor. */
  *entriesAfter(room: string, from: Position, newest: number): Generator<Entry, void> {
    let { sequence, chain } = from;
    while (sequence < newest) {
      for (const stored of this.stored(room, sequence + 1, Math.min(sequence + entriesPerSlice, newest))) {
        const entry = entryOf(stored, this.#parts.decode);
        const { event } = entry;
        sequence += 1;
        if (event.sequence !== sequence || event.chain !== nextChain(chain, event)) {
          this.#tellDamaged(room, sequence);
          throw new LogDamaged(room, sequence);
        }
        chain = event.chain;
        yield entry;
      }
    }
  }

  /** The chain at `sequence`; undefined beyond `newest`. Throws `LogDamaged`. */
  chainAt(room: string, sequence: number, newest: number): string | undefined {
    if (sequence === beginning.sequence) return chainStart;
    const [stored] = this.stored(room, sequence, Math.min(sequence, newest));
    return stored && storedChain(stored);
  }

  /** What snapshots refer to, oldest first; damaged parts are reported and left out. */
  *snapshotParts(room: string): Slices<SnapshotPart[]> {
    const parts: SnapshotPart[] = [];
    for (let after = 0; ; ) {
      const from = after;
      const page = this.#readable(room, (store) => store.parts(room, from, partsPerSlice));
      for (const [through, stored] of page) {
        const part = unsealed(stored, partSeed(room, through));
        if (part) parts.push(partOf(through, part));
        else this.#parts.damaged({ kind: 'snapshot', room });
        after = through;
      }
      if (page.length < partsPerSlice) return parts;
      yield;
    }
  }

  /**
   * The newest snapshot that is sound and of the history that ends at `newest`, with its slot. A snapshot of a write
   * that failed after all has another chain than the event log, or not all of its parts [P1].
   */
  *snapshot(
    room: string,
    parts: readonly SnapshotPart[],
    newest: number,
  ): Slices<{ readonly slot: 0 | 1; readonly snapshot: Snapshot } | undefined> {
    let found: { readonly slot: 0 | 1; readonly snapshot: Snapshot } | undefined;
    for (const { slot, stored } of this.#readable(room, (store) => store.snapshots(room))) {
      yield;
      const snapshot = parsed<Snapshot>(stored, 'snapshot', room);
      yield;
      if (!snapshot) this.#parts.damaged({ kind: 'snapshot', room });
      else if (
        snapshot.place.sequence > (found?.snapshot.place.sequence ?? 0) &&
        this.#isOfThisHistory(room, snapshot, newest) &&
        (yield* hasItsParts(snapshot, parts))
      )
        found = { slot, snapshot };
    }
    return found;
  }

  #isOfThisHistory(room: string, { place }: Snapshot, newest: number): boolean {
    try {
      return this.chainAt(room, place.sequence, newest) === place.chain;
    } catch (error) {
      // The event is lost, and with it what could speak against the snapshot.
      if (error instanceof LogDamaged) return true;
      throw error;
    }
  }

  #entries(room: string, first: number, last: number): Buffer[] {
    const store = this.#parts.store();
    try {
      return store.entries(room, first, last);
    } catch (error) {
      if (!isDamagedPage(error)) throw error;
    }
    // One by one, up to the one on the damaged page.
    const stored: Buffer[] = [];
    for (let sequence = first; sequence <= last && stored.length === sequence - first; sequence += 1) {
      // A transaction that came to such a page reads nothing more.
      store.resetReads();
      try {
        stored.push(...store.entries(room, sequence, sequence));
      } catch (error) {
        if (!isDamagedPage(error)) throw error;
      }
    }
    store.resetReads();
    return stored;
  }

  /** What `read` gives of a room's snapshots; nothing where it comes to a damaged page. */
  #readable<T>(room: string, read: (store: LmdbStore) => readonly T[]): readonly T[] {
    const store = this.#parts.store();
    try {
      return read(store);
    } catch (error) {
      if (!isDamagedPage(error)) throw error;
      store.resetReads();
      this.#parts.damaged({ kind: 'snapshot', room });
      return [];
    }
  }

  #tellDamaged(room: string, sequence: number): void {
    const which = `${room} ${sequence}`;
    if (this.#damagesTold.has(which) || this.#damagesTold.size >= damagesToldMax) return;
    this.#damagesTold.add(which);
    this.#parts.damaged({ kind: 'event', room, sequence });
  }
}

/** Whether an error says that LMDB came to a damaged page. */
export function isDamagedPage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // Bytes that are no longer a key are a RangeError of the key's decoder.
  if (error instanceof RangeError || error.message.startsWith('Invalid key size')) return true;
  return 'code' in error && damagedPageCodes.includes(error.code as number);
}

/** The value that was sealed as JSON; undefined where there is none, or it is damaged. */
export function parsed<T>(stored: Buffer | undefined, kind: ChecksumKind, room: string): T | undefined {
  const value = stored && unsealed(stored, checksumSeed(kind, room));
  return value && (JSON.parse(value.toString('utf8')) as T);
}
