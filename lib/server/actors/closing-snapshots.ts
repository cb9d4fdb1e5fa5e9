import type { Group } from '../log/event-log.js';

/** So many snapshots are written together; the next ones are made when they are durable. */
const snapshotsPerWrite = 64;

export interface ClosingSnapshotsParts {
  /** Of each room that is closed, what spares the next start its replay; undefined where there is nothing to replay. */
  readonly rooms: readonly (() => Group | undefined)[];
  readonly append: (group: Group) => Promise<void>;
  /** Resolves at the end of the event loop's present turn. */
  readonly endOfTurn: () => Promise<unknown>;
  /** Begins with no more rooms once it is aborted. */
  readonly signal: AbortSignal;
}

/** What became of the rooms' snapshots. */
export interface ClosingSnapshots {
  readonly written: number;
  /** So many rooms are replayed by the next start: time was up, or the event log could not be written. */
  readonly left: number;
}

/**
 * Writes a snapshot of each room that has events since its last one, when nobody speaks any more: one room a turn of the
 * event loop, so that the signal is heard. Nothing is lost where it is not done: a start replays.
 */
export async function writeClosingSnapshots(parts: ClosingSnapshotsParts): Promise<ClosingSnapshots> {
  const { rooms, append, endOfTurn, signal } = parts;
  let written = 0;
  let failed = 0;
  let at = 0;
  while (at < rooms.length && failed === 0 && !signal.aborted) {
    const writes: Promise<boolean>[] = [];
    for (; at < rooms.length && writes.length < snapshotsPerWrite && !signal.aborted; at += 1) {
      const group = rooms[at]?.();
      if (!group) continue;
      // Taken at once: a rejection that nobody waits for yet would end the process.
      writes.push(
        append(group).then(
          () => true,
          () => false,
        ),
      );
      await endOfTurn();
    }
    for (const good of await Promise.all(writes)) {
      if (good) written += 1;
      else failed += 1;
    }
  }
  return { written, left: failed + rooms.length - at };
}
