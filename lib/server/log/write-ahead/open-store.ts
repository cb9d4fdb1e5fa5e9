import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Entry } from '../../../core/event.js';
import { beginning } from '../../../core/room-state.js';
import { flush } from '../../../platform/directory.js';
import { LogDamaged, type RoomHead } from '../event-log.js';
import { LmdbLog, type LmdbLogOptions } from '../lmdb/lmdb-log.js';
import type { FoundGroup } from './frame-codec.js';
import { type Leftovers, lackedOf, leftoversIn, removeSegments } from './leftovers.js';
import { RoomAhead, takeOver } from './room-ahead.js';

export interface OpenStoreOptions extends LmdbLogOptions {
  /**
   * The store is an older copy that was put back: every room gets another log id, so that its history is not taken for
   * the one that went on elsewhere [P11]. The same happens where the store itself says that it is a copy, and where
   * segments are damaged.
   */
  readonly restored?: boolean;
  /** Is called when log ids were made anew, with the number of rooms. */
  readonly renewed?: (rooms: number) => void;
  /**
   * Is called where the store's segments are damaged: events that were acknowledged are lost, of whichever rooms. Where
   * it throws, the store is not opened, and the next one to open it finds the same.
   */
  readonly segmentsDamaged?: () => void;
}

/**
 * Opens the store in `directory`, which is made if need be, and has it take over what an earlier life left in its
 * segments: they are gone then. Rejects as `LmdbLog.open` throws, and with the store's error where it cannot take that
 * over; then it stays there.
 */
export async function openStore(directory: string, options: OpenStoreOptions): Promise<LmdbLog> {
  const store = LmdbLog.open(directory, options);
  try {
    const leftovers = leftoversIn(directory, options.decode);
    const isOther = options.restored || store.isCopy;
    const how = { decode: options.decode, keepLogIds: !isOther };
    const isDamaged = leftovers !== undefined && !(await takeOverLeftovers(store, leftovers, how));
    if (isDamaged) options.segmentsDamaged?.();
    if (isOther || isDamaged) {
      const rooms = store.renewLogIds();
      options.renewed?.(rooms);
    }
    if (leftovers) {
      // The last life may have promised more than this one's durability.
      flush(join(directory, 'data.mdb'));
      removeSegments(directory);
    }
    store.goOnRemoving();
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Whether nothing that was durable is missing. */
async function takeOverLeftovers(
  store: LmdbLog,
  { groups, isDamaged }: Leftovers,
  { keepLogIds, decode }: Pick<OpenStoreOptions, 'decode'> & { readonly keepLogIds: boolean },
): Promise<boolean> {
  const rooms = new Map<string, RoomAhead>();
  let isWhole = !isDamaged;
  for (const found of groups) {
    const { room, participants } = found;
    const before = rooms.get(room)?.head ?? store.head(room);
    const lacked = lackedOf(found, before?.place, (sequence) => {
      return rooms.get(room)?.chainAt(sequence) ?? readableChain(store, room, sequence);
    });
    if (!lacked) isWhole = false;
    if (!lacked || lacked.entries.length === 0) continue;
    const ahead = rooms.get(room) ?? new RoomAhead(before ?? headOf(found, keepLogIds), decode);
    const { sequence, lamport, chain } = (lacked.entries.at(-1) as Entry).event;
    const head = { ...ahead.head, place: { sequence, lamport, chain }, participants };
    ahead.add({ room, participants }, lacked.framed, head);
    rooms.set(room, ahead);
  }
  await takeOver(rooms, store);
  return isWhole;
}

/** The head that a room begins with which is in the segments only. */
function headOf({ room, logId, participants }: FoundGroup, keepLogId: boolean): RoomHead {
  return { room, logId: keepLogId ? logId : randomUUID(), place: beginning, participants };
}

/** Undefined where it is damaged: that is told apart, when it is read. */
function readableChain(store: LmdbLog, room: string, sequence: number): string | undefined {
  try {
    return store.chainAt(room, sequence);
  } catch (error) {
    if (error instanceof LogDamaged) return undefined;
    throw error;
  }
}
