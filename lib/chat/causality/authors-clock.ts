import type { RoomEvent } from '../../core/event.js';

/** What an event tells of its author's Lamport time when sending: at least `from`, at most `to`. */
export interface ClockRange {
  readonly from: number;
  readonly to: number;
}

/**
 * The author's Lamport time at the sending of `event`, as far as the room's events tell it, which are given in their order and
 * without gap. By the rules of Lamport's clock [S8]:
 *
 * - the stamp is max(room, sender) + 1, so the sender's time was less than the stamp; and where the stamp is more than one above
 *   the event before, which has the room's time, it was the sender's time that decided: then it is known;
 * - an author who had been shown an event of time L was at L + 1 at least afterwards, and ticked for this send and for each one
 *   since.
 *
 * Undefined where it contradicts itself, as with an author whose program does not keep the rules.
 */
export function authorsClock(event: RoomEvent, events: readonly RoomEvent[]): ClockRange | undefined {
  const before = events.find(({ sequence }) => sequence === event.sequence - 1);
  const roomsTime = before?.lamport ?? (event.sequence === 1 ? 0 : undefined);
  const earliest = earliestTime(event, events);
  if (roomsTime === undefined) return range(earliest, event.lamport - 1);
  if (event.lamport > roomsTime + 1) return range(event.lamport - 1, event.lamport - 1);
  return range(earliest, roomsTime);
}

function earliestTime(event: RoomEvent, events: readonly RoomEvent[]): number {
  if (event.kind !== 'message') return 1;
  const seen = events.find(({ sequence }) => sequence === event.seen)?.lamport;
  const sends = events.filter((other) => {
    const isOwn = other.kind === 'message' && other.participant === event.participant && other.seen === event.seen;
    return isOwn && other.sequence > event.seen && other.sequence <= event.sequence;
  });
  return (seen === undefined ? 0 : seen + 1) + sends.length;
}

function range(from: number, to: number): ClockRange | undefined {
  return from <= to ? { from, to } : undefined;
}
