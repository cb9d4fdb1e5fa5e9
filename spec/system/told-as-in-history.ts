import { expect } from 'chai';
import type { RoomEvent } from '../../lib/core/event.js';
import { expectUnbroken, transcript } from './transcript.js';

/** Where a room's history begins. */
const beginning = { sequence: 0, chain: '0000000000000000' };

/**
 * That a room's whole history is unbroken, and that what each participant took in, over all of its streams and lives, is that
 * history from its first event to the end: nothing is missing, double or otherwise [P1] [P2] [P3] [P7].
 */
export function expectToldAsIn(
  history: readonly RoomEvent[],
  participants: readonly { readonly name: string; readonly events: readonly RoomEvent[] }[],
): void {
  expectUnbroken(history, beginning);
  const lines = transcript(history);
  for (const { name, events } of participants) {
    expect(events, name).not.to.have.length(0);
    expect(transcript(events), name).to.deep.equal(lines.slice((events[0]?.sequence ?? 0) - 1));
  }
}

/** Who came and went, and why, in that order: `Ada joined`, `Ada ASKED`. */
export function comingsAndGoings(history: readonly RoomEvent[]): string[] {
  return history.flatMap((event) => {
    if (event.kind === 'message') return [];
    return [`${event.participant} ${event.kind === 'left' ? event.reason : event.kind}`];
  });
}
