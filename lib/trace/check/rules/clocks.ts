import type { LeftReason, RoomEvent } from '../../../core/event.js';
import type { Evidence } from '../../history/evidence.js';
import type { StepOf } from '../../history/history.js';
import { triesOf } from '../../history/publishes.js';
import type { RoomLog } from '../../history/room-log.js';
import { describe, type Findings, finding } from '../violation.js';

/** Why the server ends a session by itself, and nobody's time counts. */
const alone: ReadonlySet<LeftReason> = new Set<LeftReason>(['CONNECTION_LOST', 'SERVER_RESTARTED']);

/**
 * P7: an event's Lamport time is greater than its sender's, and by S8 it is max(room, sender) + 1. Where something was
 * sent more than once, nobody but the server knows which sending counted: one of them must fit.
 */
export function* stamps({ logs, publishes, sessions, earlyEnds }: Evidence): Findings {
  for (const log of logs.all()) {
    for (const event of log.events) {
      const publish = event.kind === 'message' ? publishes.of(event) : undefined;
      if (event.kind === 'left' && alone.has(event.reason)) yield* stamped(log, event, [], [0]);
      if (!publish || earlyEnds.before(event, publish.session)) continue;
      const sendings = triesOf(publish).map(({ send }) => send);
      yield* stamped(log, event, sendings);
    }
  }
  for (const session of sessions.values()) {
    const { log, joined, stay, join, leaves } = session;
    if (!log) continue;
    if (joined && join) yield* stamped(log, joined, [join]);
    const left = stay?.left;
    // A leave without a time leaves open whose time counted.
    const timeless = leaves.some(({ lamport }) => lamport === undefined);
    if (left?.reason === 'ASKED' && !timeless && !earlyEnds.before(left, session)) yield* stamped(log, left, leaves);
  }
}

/** `times`: those of the senders, of which one counts. */
function* stamped(
  log: RoomLog,
  event: RoomEvent,
  sendings: readonly StepOf<'send' | 'join' | 'leave'>[],
  times: readonly number[] = sendings.map(({ lamport = 0 }) => lamport),
): Findings {
  if (times.length === 0) return;
  const { sequence, lamport, participant } = event;
  // Where the chain bears the event out, it is the sending that does not fit.
  const inOrder = () =>
    log.chainDue(event) === event.chain ? [...sendings, log.exhibit(event)] : [log.exhibit(event), ...sendings];
  const sender = Math.min(...times);
  if (lamport <= sender) {
    const message = `${participant} sent ${describe(event)} at Lamport time ${sender}, and its time in the log is ${lamport}.`;
    yield finding('lamport-below-sender', log.room, { sequence }, message, inOrder());
    return;
  }
  const before = sequence === 1 ? 0 : log.at(sequence - 1)?.lamport;
  if (before === undefined) return;
  const due = times.map((time) => Math.max(before, time) + 1);
  if (due.includes(lamport)) return;
  const message =
    `In the log ${describe(event)} has Lamport time ${lamport}: the room's was ${before} and the sender's ` +
    `${times.join(' or ')}, so it is ${[...new Set(due)].join(' or ')}.`;
  yield finding('lamport-off-rule', log.room, { sequence }, message, inOrder());
}

/** P7 on the clients' side, where clocks are recorded: own + 1 before a send, max(own, received) + 1 on an event. */
export function* clocks({ clients }: Evidence): Findings {
  for (const { record, clockFaults } of clients) {
    if (!record.keepsClock) continue;
    const { client } = record;
    for (const { step, own, by, time, due } of clockFaults) {
      const exhibits = by ? [step, by] : [step];
      if (step.kind === 'receive') {
        const { sequence, lamport } = step.event;
        const message =
          `${client}'s Lamport time was ${own} when it received ${describe(step.event)} with ${lamport}, and ${time} ` +
          `afterwards: it becomes ${due}.`;
        yield finding('clock-not-advanced', step.room, { sequence, client }, message, exhibits);
      } else {
        const what = step.kind === 'send' ? `“${step.text}”` : `a ${step.kind}`;
        const message = `${client}'s Lamport time was ${own} when it sent ${what} with ${time}: it ticks to ${due} first.`;
        yield finding('clock-not-ticked', step.room, { client }, message, exhibits);
      }
    }
  }
}
