import type { RoomEvent } from '../../core/event.js';

/**
 * An event as one line of JSON for programs: what the event has, its time in ISO 8601, and `clock`, the client's own
 * Lamport time after receiving it [S8]. Nothing is made safe for a screen.
 */
export function eventJson(event: RoomEvent, clock: number): string {
  const { kind, sequence, lamport, timeMs, participant, chain, ...more } = event;
  const time = new Date(timeMs).toISOString();
  return JSON.stringify({ kind, sequence, lamport, time, participant, ...more, chain, clock });
}
