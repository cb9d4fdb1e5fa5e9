import type { RoomEvent } from '../../../core/event.js';
import type { Evidence } from '../../history/evidence.js';
import type { RoomLog } from '../../history/room-log.js';
import { describe, type Findings, finding } from '../violation.js';

/**
 * What each final event log must be by itself: sequences 1, 2, 3, … [P3], Lamport times that rise [P7], and the chain that the history
 * from the first event on has [P1].
 */
export function* logItself({ logs }: Evidence): Findings {
  for (const log of logs.all()) {
    let previous: RoomEvent | undefined;
    for (const event of log.events) {
      if (previous) yield* follows(log, previous, event);
      yield* chained(log, event);
      previous = event;
    }
  }
}

function* follows(log: RoomLog, previous: RoomEvent, event: RoomEvent): Findings {
  const { room } = log;
  const { sequence, lamport } = event;
  const exhibits = [log.exhibit(event), log.exhibit(previous)];
  // What a witnessed event log lacks, `completeness` reports.
  if (sequence !== previous.sequence + 1 && !log.witnessed) {
    const message = `In the log ${describe(event)} stands after ${describe(previous)}: sequences are 1, 2, 3, …`;
    yield finding('log-gap', room, { sequence }, message, exhibits);
  }
  if (lamport <= previous.lamport) {
    const message =
      `In the log ${describe(event)} has Lamport time ${lamport}, and ${describe(previous)} before it has ${previous.lamport}: ` +
      'times only rise.';
    yield finding('lamport-not-increasing', room, { sequence }, message, exhibits);
  }
}

function* chained(log: RoomLog, event: RoomEvent): Findings {
  const due = log.chainDue(event);
  if (due === undefined || due === event.chain) return;
  const message = `In the log ${describe(event)} has chain ${event.chain}: the history up to it has ${due}.`;
  yield finding('chain-broken', log.room, { sequence: event.sequence }, message, [log.exhibit(event)]);
}
