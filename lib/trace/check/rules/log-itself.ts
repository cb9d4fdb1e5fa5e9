import type { RoomEvent } from '../../../core/event.js';
import type { Evidence } from '../../history/evidence.js';
import type { LogFault, RoomLog } from '../../history/room-log.js';
import { describe, type Findings, finding } from '../violation.js';

/**
 * What each final event log must be by itself: sequences 1, 2, 3, … [P3], Lamport times that rise [P7], the chain that
 * the history from the first event on has [P1], and for each session one Joined, messages in their order and once [P5]
 * [P6], one Left [P8].
 */
export function* logItself({ logs }: Evidence): Findings {
  for (const log of logs.all()) {
    let previous: RoomEvent | undefined;
    for (const event of log.events) {
      if (previous) yield* follows(log, previous, event);
      const due = log.chainDue(event);
      if (due !== undefined && due !== event.chain) {
        const message = `In the log ${describe(event)} has chain ${event.chain}: the history up to it has ${due}.`;
        yield finding('chain-broken', log.room, { sequence: event.sequence }, message, [log.exhibit(event)]);
      }
      previous = event;
    }
    for (const fault of log.stays.faults) {
      const { kind, event, earlier } = fault;
      const exhibits = [event, ...(earlier ? [earlier] : [])].map((one) => log.exhibit(one));
      const ofPublish = kind === 'ordinal-twice' || kind === 'own-reordered';
      const ordinal = ofPublish && event.kind === 'message' ? { ordinal: event.ordinal } : {};
      yield finding(kind, log.room, { sequence: event.sequence, ...ordinal }, faultWords(fault), exhibits);
    }
  }
}

function* follows(log: RoomLog, previous: RoomEvent, event: RoomEvent): Findings {
  const { sequence, lamport } = event;
  const exhibits = [log.exhibit(event), log.exhibit(previous)];
  // What a witnessed event log lacks, `completeness` reports.
  if (sequence !== previous.sequence + 1 && !log.witnessed) {
    const message = `In the log ${describe(event)} stands after ${describe(previous)}: sequences are 1, 2, 3, …`;
    yield finding('log-gap', log.room, { sequence }, message, exhibits);
  }
  if (lamport <= previous.lamport) {
    const before = `${describe(previous)} before it has ${previous.lamport}`;
    const message = `In the log ${describe(event)} has Lamport time ${lamport}, and ${before}: times only rise.`;
    yield finding('lamport-not-increasing', log.room, { sequence }, message, exhibits);
  }
}

function faultWords({ kind, event, earlier }: LogFault): string {
  const { participant } = event;
  const before = earlier ? `: ${describe(earlier)} came before` : '';
  switch (kind) {
    case 'joined-twice':
      return `In the log ${describe(event)}, who is in the room already${before}.`;
    case 'left-twice':
      return `In the log ${describe(event)}, who has left already${before}.`;
    case 'left-without-joined':
      return `In the log ${describe(event)}, and ${participant} never joined.`;
    case 'spoke-outside':
      return `In the log there is ${describe(event)}, and ${participant} ${earlier ? `is no longer in the room${before}` : 'never joined'}.`;
    case 'ordinal-twice': {
      const ordinal = event.kind === 'message' ? event.ordinal : 0;
      return `${participant}'s publish ${ordinal} is ${earlier ? describe(earlier) : ''}, and again ${describe(event)}.`;
    }
    case 'own-reordered':
      return `${participant} sent ${describe(event)} before ${earlier ? describe(earlier) : ''}: own messages keep their order.`;
  }
}
