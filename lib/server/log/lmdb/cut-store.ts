import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { KnownEvent } from '../../../core/event.js';
import { makeDirectory, syncDirectory } from '../../../platform/directory.js';
import type { RoomHead } from '../event-log.js';
import { type CheckParts, checkStore, type StoreReport } from './check-store.js';
import { sealedJson } from './checksum.js';
import { LmdbStore, type SnapshotKey, type StoreWrite } from './lmdb-store.js';

/** What one transaction copies. */
const entriesPerSlice = 4096;

export interface CutReport extends StoreReport {
  /** The file of the store as it was; nothing was written to it. */
  readonly kept: string;
  /** The rooms that were ended at their last good event, and the log ids that they have now. */
  readonly cut: readonly { readonly room: string; readonly good: number; readonly logId: string }[];
}

/**
 * Makes a store anew of what is good in one that is damaged: each room up to its last good event, under another log id where that is
 * not all of it [P1]; rooms without a good event are left out. The file as it was stays beside the new one. Needs as much space as the store
 * has. The caller sees to it that nobody has the store open.
 */
export async function cutStore(directory: string, parts: CheckParts): Promise<CutReport> {
  const fresh = join(directory, 'cut');
  rmSync(fresh, { recursive: true, force: true });
  makeDirectory(fresh);
  try {
    const copy = new Copy(LmdbStore.open(fresh, { durability: 'process', growthBytes: 1, decode: parts.decode }));
    let report: StoreReport;
    let cut: CutReport['cut'];
    try {
      report = checkStore(directory, parts, copy);
      cut = copy.finish(report);
    } finally {
      await copy.close();
    }
    flush(join(fresh, 'data.mdb'));
    const kept = freeName(join(directory, 'data.mdb.before-cut'));
    renameSync(join(directory, 'data.mdb'), kept);
    renameSync(join(fresh, 'data.mdb'), join(directory, 'data.mdb'));
    // It tells of readers of the other file.
    rmSync(join(directory, 'lock.mdb'), { force: true });
    syncDirectory(directory);
    return { ...report, kept, cut };
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** The new store while it is filled. */
class Copy {
  readonly #store: LmdbStore;
  #entries: StoreWrite['entries'][number][] = [];
  readonly #ends = new Map<string, { place: RoomHead['place']; participants: number }>();

  constructor(store: LmdbStore) {
    this.#store = store;
  }

  entry(room: string, event: KnownEvent, stored: Buffer): void {
    const { sequence, lamport, chain, kind } = event;
    const present = this.#ends.get(room)?.participants ?? 0;
    const participants = present + (kind === 'joined' ? 1 : kind === 'left' ? -1 : 0);
    this.#ends.set(room, { place: { sequence, lamport, chain }, participants });
    this.#entries.push({ room, sequence, value: stored });
    if (this.#entries.length >= entriesPerSlice) this.#flush();
  }

  /** Where it is of what was cut off, its chain is not the event log's, and it is passed over. */
  snapshot(room: string, slot: 0 | 1, stored: Buffer): void {
    const key: SnapshotKey = [room, slot];
    this.#store.commitSync({ snapshots: [[key, stored]] });
  }

  part(room: string, through: number, stored: Buffer): void {
    this.#store.commitSync({ parts: [[[room, through], stored]] });
  }

  finish({ rooms, faults, removing }: StoreReport): CutReport['cut'] {
    this.#flush();
    const cut: { room: string; good: number; logId: string }[] = [];
    for (const { room, logId: known, good, newest, headSound } of rooms) {
      const end = this.#ends.get(room);
      if (!end) continue;
      // Without its head, and with pages that cannot be read, nobody knows whether there was more.
      const whole = good === newest && (headSound || faults.length === 0);
      const logId = (whole ? known : undefined) ?? randomUUID();
      if (logId !== known) cut.push({ room, good, logId });
      const head: RoomHead = { room, logId, ...end };
      this.#store.commitSync({
        heads: [[room, sealedJson(head, 'head', room)]],
        ids: [[room, sealedJson(logId, 'id', room)]],
      });
    }
    if (removing.length > 0) this.#store.leaveRemoving(removing);
    return cut;
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  #flush(): void {
    this.#store.commitSync({ entries: this.#entries });
    this.#entries = [];
  }
}

function flush(path: string): void {
  const file = openSync(path, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function freeName(path: string): string {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? path : `${path}-${number}`;
    if (!existsSync(name)) return name;
  }
}
