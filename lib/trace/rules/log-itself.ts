import { chainStart, nextChain } from '../../core/chain.js';
import type { RoomEvent } from '../../core/event.js';
import type { Evidence } from '../evidence.js';
import type { Findings } from '../findings.js';
import type { RoomLog } from '../room-log.js';
import { told } from '../violation.js';

/**
 * What each final log must be by itself: sequences 1, 2, 3, … [P3], Lamport times that rise [P7], and the chain that the history
 * from the first event on has [P1].
 */
export function logItself({ logs }: Evidence, findings: Findings): void {
  for (const log of logs.all()) {
    let previous: RoomEvent | undefined;
    for (const event of log.events) {
      if (previous) follows(log, previous, event, findings);
      chained(log, previous, event, findings);
      previous = event;
    }
  }
}

function follows({ room }: RoomLog, previous: RoomEvent, event: RoomEvent, findings: Findings): void {
  const { sequence, lamport } = event;
  if (sequence !== previous.sequence + 1) {
    const message = `In the log ${told(event)} stands after ${told(previous)}: sequences are 1, 2, 3, …`;
    findings.add('log-gap', room, { sequence }, message);
  }
  if (lamport <= previous.lamport) {
    const message =
      `In the log ${told(event)} has Lamport time ${lamport}, and ${told(previous)} before it has ${previous.lamport}: ` +
      'times only rise.';
    findings.add('lamport-not-increasing', room, { sequence }, message);
  }
}

function chained({ room }: RoomLog, previous: RoomEvent | undefined, event: RoomEvent, findings: Findings): void {
  // A log that does not begin at its beginning cannot be recomputed; `completeness` reports it.
  if (!previous && event.sequence !== 1) return;
  const { text, seen } = { text: '', seen: 0, ...event };
  // Recomputed from the chain as it is written, so that one fault is not reported for all that follows.
  const chain = nextChain(previous?.chain ?? chainStart, { ...event, text, seen });
  if (chain === event.chain) return;
  const message = `In the log ${told(event)} has chain ${event.chain}: the history up to it has ${chain}.`;
  findings.add('chain-broken', room, { sequence: event.sequence }, message);
}
