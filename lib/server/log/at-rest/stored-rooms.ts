import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type EventLog, LogDamaged } from '../event-log.js';
import { NotLmdbFile, StoreDamaged } from '../lmdb/lmdb-file.js';
import type { LmdbLogOptions } from '../lmdb/lmdb-log.js';
import { openStore } from '../write-ahead/open-store.js';

/** A room of a store that no server has open. */
export interface StoredRoom {
  readonly room: string;
  readonly events: number;
  /** Participants whose sessions have not ended: the next start ends them. */
  readonly participants: number;
  /** When its newest event was, in milliseconds since 1970; undefined where that event cannot be read. */
  readonly newestMs: number | undefined;
}

/** A room that was named is not in the store. */
export class NoSuchRoom extends Error {
  override name = 'NoSuchRoom';
}

/**
 * The rooms of the store in `directory`, by name. The rooms that `removed` names are removed for good, with all their
 * events, once all of them are known to be there. Resolves with what was there before. Rejects with `StoreInUse` while
 * a server has the store, with `NotLmdbFile` where there is none, with `StoreDamaged`, also where its segments are
 * damaged, with `NoSuchRoom`, and with the system's error.
 */
export async function storedRooms(
  directory: string,
  removed: readonly string[],
  { decode }: Pick<LmdbLogOptions, 'decode'>,
): Promise<readonly StoredRoom[]> {
  if (!existsSync(join(directory, 'data.mdb'))) throw new NotLmdbFile(`There is no store in ${directory}.`);
  // A server's start is to say so, in its log, and to every client.
  const segmentsDamaged = (): never => {
    throw new StoreDamaged(directory, 'acknowledged events are lost of its write-ahead segments');
  };
  const log = await openStore(directory, { decode, segmentsDamaged });
  try {
    const rooms = log.heads().map(({ room, place, participants }) => ({
      ...{ room, events: place.sequence, participants },
      newestMs: newestMs(log, room, place.sequence, decode),
    }));
    const unknown = removed.find((name) => !rooms.some(({ room }) => room === name));
    if (unknown !== undefined) throw new NoSuchRoom(`The store ${directory} has no room ${JSON.stringify(unknown)}.`);
    for (const room of new Set(removed)) await log.remove(room);
    // Also the removals that a killed process began.
    await log.finishRemovals();
    return rooms;
  } finally {
    await log.close();
  }
}

function newestMs(log: EventLog, room: string, newest: number, decode: LmdbLogOptions['decode']): number | undefined {
  try {
    const run = log.read(room, newest - 1, 1);
    return run && decode(run.bytes).timeMs;
  } catch (error) {
    if (error instanceof LogDamaged) return undefined;
    throw error;
  }
}
