import { randomUUID } from 'node:crypto';
import { beginning } from '../../core/room-state.js';
import type { Group, RoomHead } from './event-log.js';

/**
 * The head a room has once `group` is in its event log; the first group of a room makes its log id. Throws where the group
 * does not go on from `before` without gap: that is a fault of the caller, and writing it would break [P1].
 */
export function nextHead(before: RoomHead | undefined, group: Group): RoomHead {
  const { room, entries, participants } = group;
  let sequence = before?.place.sequence ?? beginning.sequence;
  for (const { event } of entries) {
    if (event.sequence !== sequence + 1) {
      throw new RangeError(`room ${room}: after event ${sequence} comes ${sequence + 1}, not ${event.sequence}`);
    }
    sequence += 1;
  }
  const newest = entries.at(-1)?.event;
  if (!newest) {
    const chain = group.snapshot?.place.sequence === sequence ? group.snapshot.place.chain : undefined;
    if (before && chain === before.place.chain) return before;
    throw new RangeError(`room ${room}: a group has at least one entry, or a snapshot of the room as it is`);
  }
  const { lamport, chain } = newest;
  return { room, logId: before?.logId ?? randomUUID(), place: { sequence, lamport, chain }, participants };
}
