import type { RoomEvent } from '../../core/event.js';

/** The fields in which two events differ; none if they are the same event [P1]. */
export function differences(a: RoomEvent, b: RoomEvent): string[] {
  if (sameEvent(a, b)) return [];
  const [one, other] = [a, b].map((event) => new Map<string, unknown>(Object.entries(event))) as [Fields, Fields];
  return [...new Set([...one.keys(), ...other.keys()])].filter((field) => one.get(field) !== other.get(field));
}

type Fields = Map<string, unknown>;

export function sameEvent(a: RoomEvent, b: RoomEvent): boolean {
  if (a === b) return true;
  const { sequence, lamport, chain, participant, timeMs } = a;
  const isThere = sequence === b.sequence && lamport === b.lamport && chain === b.chain;
  return isThere && participant === b.participant && timeMs === b.timeMs && sameHappening(a, b);
}

function sameHappening(a: RoomEvent, b: RoomEvent): boolean {
  // One of two who were told of it had a program that does not know its kind.
  if (a.kind === 'unknown' || b.kind === 'unknown') return true;
  if (a.kind === 'message') {
    return b.kind === 'message' && a.text === b.text && a.ordinal === b.ordinal && a.seen === b.seen;
  }
  if (a.kind === 'left') return b.kind === 'left' && a.reason === b.reason;
  return b.kind === 'joined';
}
