import { constants, copyFileSync, existsSync, linkSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { KnownEvent } from '../../../core/event.js';
import { flush, makeDirectory } from '../../../platform/directory.js';
import { sealedJson } from '../checksum.js';
import { type RoomHead, renewedHead } from '../event-log.js';
import { checkLmdbFile, NotLmdbFile } from '../lmdb/lmdb-file.js';
import { LmdbStore } from '../lmdb/lmdb-store.js';
import { lockStore } from '../lmdb/store-lock.js';
import { type StoredValues, storedId } from '../lmdb/stored-values.js';
import { entryOf } from '../stored-entry.js';
import { segmentNames } from '../write-ahead/segment.js';
import { type CheckParts, checkStore, isGood, type SoundValues, type StoreReport } from './check-store.js';

/** What one transaction copies. */
const entriesPerSlice = 4096;

export interface StoreCheckParts extends CheckParts {
  /** Whether damaged rooms are ended at their last good event (`cutStore`); nothing is done where all is good. */
  readonly cut?: boolean;
}

export interface CutReport extends StoreReport {
  /** LMDB's file as it was; nothing was written to it. Segments are kept beside it under names like its. */
  readonly kept: string;
  /** The rooms that were ended at their last good event, and the log ids that they have now. */
  readonly cut: readonly { readonly room: string; readonly good: number; readonly logId: string }[];
}

/**
 * Checks all of the store in `directory`, which nobody else can open meanwhile, and makes it anew of what is good if
 * that is wanted and needed. Rejects with `StoreInUse` while a server has it, with `NotLmdbFile` where there is no
 * store, and with the system's error.
 */
export async function checkedStore(
  directory: string,
  { cut = false, ...parts }: StoreCheckParts,
): Promise<StoreReport | CutReport> {
  const data = join(directory, 'data.mdb');
  if (!existsSync(data)) throw new NotLmdbFile(`There is no store in ${directory}.`);
  const lock = lockStore(directory);
  try {
    const report = checkStore(directory, parts);
    if (!cut || isGood(report)) return report;
    const done = await cutStore(directory, parts);
    // What LMDB makes of what was made.
    checkLmdbFile(data);
    return done;
  } finally {
    lock.release();
  }
}

/**
 * Makes a store anew of what is good in a damaged one: each room up to its last good event, under another log id where
 * that is not all of it [P1]; rooms without a good event are left out. The file as it was stays beside the new one.
 * Needs as much space as the store has, and as much again on a file system without hard links. The
 * caller sees to it that nobody has the store open.
 */
async function cutStore(directory: string, parts: CheckParts): Promise<CutReport> {
  const [data, fresh] = [join(directory, 'data.mdb'), join(directory, 'cut')];
  rmSync(fresh, { recursive: true, force: true });
  makeDirectory(fresh);
  try {
    const { decode } = parts;
    const copy = new Copy(LmdbStore.open(fresh, { durability: 'process', growthBytes: 1, decode }), decode);
    let report: StoreReport;
    let cut: CutReport['cut'];
    try {
      report = checkStore(directory, parts, copy);
      cut = copy.finish(report);
    } finally {
      await copy.close();
    }
    flush(join(fresh, 'data.mdb'));
    const kept = freeName(`${data}.before-cut`);
    keep(data, kept);
    // In one step: a start after a kill finds the one file or the other, and never none.
    renameSync(join(fresh, 'data.mdb'), data);
    // The copy has what was in them.
    for (const path of segmentNames.map((name) => join(directory, name)).filter(existsSync)) {
      renameSync(path, freeName(`${path}.before-cut`));
    }
    // It names readers of the other file.
    rmSync(join(directory, 'lock.mdb'), { force: true });
    flush(directory);
    return { ...report, kept, cut };
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Gives a file a second name; makes a copy of it where the file system gives none. */
function keep(path: string, kept: string): void {
  try {
    linkSync(path, kept);
  } catch {
    copyFileSync(path, kept, constants.COPYFILE_EXCL);
    flush(kept);
  }
}

/** Where a room ends. */
type End = Pick<RoomHead, 'place' | 'participants'>;

function endAfter(before: End | undefined, { sequence, lamport, chain, kind }: KnownEvent): End {
  const participants = (before?.participants ?? 0) + (kind === 'joined' ? 1 : kind === 'left' ? -1 : 0);
  return { place: { sequence, lamport, chain }, participants };
}

/** The new store while it is filled. */
class Copy implements SoundValues {
  readonly #store: LmdbStore;
  #entries: StoredValues['entries'][number][] = [];
  readonly #decode: CheckParts['decode'];
  readonly #ends = new Map<string, End>();
  /** Rooms of which LMDB has entries behind its head, which the segments have too. */
  readonly #twice = new Set<string>();

  constructor(store: LmdbStore, decode: CheckParts['decode']) {
    this.#store = store;
    this.#decode = decode;
  }

  entry(room: string, event: KnownEvent, value: Buffer): void {
    const { sequence } = event;
    const before = this.#ends.get(room);
    if (before && sequence <= before.place.sequence) this.#twice.add(room);
    this.#ends.set(room, endAfter(before, event));
    this.#entries.push({ room, sequence, value });
    if (this.#entries.length >= entriesPerSlice) this.#flush();
  }

  /** Where it is of what was cut off, its chain is not the event log's, and it is passed over. */
  snapshot(room: string, slot: 0 | 1, stored: Buffer): void {
    this.#store.commitSync({ snapshots: [[[room, slot], stored]] });
  }

  part(room: string, through: number, stored: Buffer): void {
    this.#store.commitSync({ parts: [[[room, through], stored]] });
  }

  finish({ rooms, faults, segmentsSound, removing }: StoreReport): CutReport['cut'] {
    this.#flush();
    const cut: { room: string; good: number; logId: string }[] = [];
    for (const { room, id, good, newest, headSound } of rooms) {
      const end = this.#endAt(room, good);
      if (!end) continue;
      // Without its head, and with pages that cannot be read, there may have been more; and in damaged segments of any
      // room.
      const whole = good === newest && (headSound || faults.length === 0) && segmentsSound;
      const head = whole && id ? { room, ...id, ...end } : renewedHead({ room, ...end });
      if (head.logId !== id?.logId) cut.push({ room, good, logId: head.logId });
      this.#store.commitSync({
        heads: [[room, sealedJson(head, 'head', room)]],
        ids: [[room, storedId(head, room)]],
      });
    }
    if (removing.length > 0) this.#store.leaveRemoving(removing);
    return cut;
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  /** Where a room ends with its event `good`: LMDB may have had others behind that. */
  #endAt(room: string, good: number): End | undefined {
    const known = this.#ends.get(room);
    if (known?.place.sequence === good && !this.#twice.has(room)) return known;
    let end: End | undefined;
    for (let first = 1; first <= good; first += entriesPerSlice) {
      const last = Math.min(good, first + entriesPerSlice - 1);
      for (const value of this.#store.entries(room, first, last))
        end = endAfter(end, entryOf(value, this.#decode).event);
    }
    return end;
  }

  #flush(): void {
    this.#store.commitSync({ entries: this.#entries });
    this.#entries = [];
  }
}

function freeName(path: string): string {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? path : `${path}-${number}`;
    if (!existsSync(name)) return name;
  }
}
