import { randomUUID } from 'node:crypto';
import { chainStart, nextChain } from '../../../core/chain.js';
import type { Entry } from '../../../core/event.js';
import type { RoomHead } from '../event-log.js';

export interface HeadSources {
  /** Undefined where it is lost too: then the room gets a new one, and so it does where its newest entries cannot be read. */
  readonly logId: string | undefined;
  /** The newest sequence under which there is an entry; 0: there is none. */
  readonly newest: number;
  /** The entries from one sequence to another, undefined for those that cannot be read. */
  readonly entries: (first: number, last: number) => readonly (Entry | undefined)[];
}

const entriesAtOnce = 512;

/**
 * The head that a room's entries say. Takes the time of reading them all. It ends before an entry that does not follow from the
 * one before it: that was never acknowledged, for a write that failed may have left it behind what was written after it.
 */
export function rebuildHead(room: string, { logId, newest, entries }: HeadSources): RoomHead | undefined {
  let place = { sequence: 0, lamport: 0, chain: chainStart };
  let participants = 0;
  let lost = false;
  /** Where the entries before cannot be read, the next one's chain is taken as it stands. */
  let known = true;
  scan: for (let first = 1; first <= newest; first += entriesAtOnce) {
    const read = entries(first, Math.min(first + entriesAtOnce - 1, newest));
    for (const entry of read) {
      if (!entry) {
        known = false;
        lost = true;
        continue;
      }
      const { event } = entry;
      if (known && event.chain !== nextChain(place.chain, event)) break scan;
      known = true;
      participants += event.kind === 'joined' ? 1 : event.kind === 'left' ? -1 : 0;
      place = { sequence: event.sequence, lamport: event.lamport, chain: event.chain };
    }
  }
  if (place.sequence === 0) return undefined;
  // What cannot be read at the end will be written over: one sequence is one event within a log id only [P1].
  const logIdThatHolds = known ? logId : undefined;
  // Where a Joined or a Left may be lost, somebody may be there, whose session is to be ended.
  return { room, logId: logIdThatHolds ?? randomUUID(), place, participants: Math.max(participants, lost ? 1 : 0) };
}
