import { receive } from '../../../core/clock.js';
import type { LeftReason, RoomEvent } from '../../../core/event.js';
import type { Evidence } from '../../history/evidence.js';
import type { JoinStep, LeaveStep, SendStep, Step } from '../../history/history.js';
import { triesOf } from '../../history/publishes.js';
import type { RoomLog } from '../../history/room-log.js';
import { describe, type Exhibit, type Findings, finding } from '../violation.js';

/** Why the server ends a session by itself, and whose time counts then. */
const alone: ReadonlySet<LeftReason> = new Set<LeftReason>(['CONNECTION_LOST', 'SERVER_RESTARTED']);
const nobody: Sender = { time: 0, steps: [] };

/**
 * P7: an event's Lamport time is greater than its sender's, and by S8 it is max(room, sender) + 1. Where something was sent
 * more than once, nobody but the server knows which sending counted: one of them must fit.
 */
export function* stamps({ logs, publishes, sessions, earlyEnds }: Evidence): Findings {
  for (const log of logs.all()) {
    for (const event of log.events) {
      const publish = event.kind === 'message' ? publishes.of(event) : undefined;
      if (event.kind === 'left' && alone.has(event.reason)) yield* stamped(log, event, [nobody]);
      if (!publish || earlyEnds.before(event, publish.session)) continue;
      const sendings = triesOf(publish).map(({ send }) => send);
      yield* stamped(log, event, sendings.map(sentBy));
    }
  }
  for (const session of sessions.values()) {
    const { log, joined, stay, join, leaves } = session;
    if (!log) continue;
    if (joined) yield* stamped(log, joined, [sentBy(join)]);
    const left = stay?.left;
    const asked = leaves.filter(({ lamport }) => lamport !== undefined);
    // A leave without a time leaves open whose time counted.
    if (left?.reason !== 'ASKED' || asked.length < leaves.length || earlyEnds.before(left, session)) continue;
    yield* stamped(log, left, asked.map(sentBy));
  }
}

/** Whose time counts, and the step that says so. */
interface Sender {
  readonly time: number;
  readonly steps: readonly Step[];
}

function sentBy(step: SendStep | JoinStep | LeaveStep): Sender {
  return { time: step.lamport ?? 0, steps: [step] };
}

function* stamped(log: RoomLog, event: RoomEvent, senders: readonly Sender[]): Findings {
  if (senders.length === 0) return;
  const { room } = log;
  const { sequence, lamport, participant } = event;
  const times = senders.map(({ time }) => time);
  const sender = Math.min(...times);
  if (lamport <= sender) {
    const message = `${participant} sent ${describe(event)} at Lamport time ${sender}, and its time in the log is ${lamport}.`;
    yield finding('lamport-below-sender', room, { sequence }, message, exhibitsOf(log, event, senders));
    return;
  }
  const before = sequence === 1 ? 0 : log.at(sequence - 1)?.lamport;
  if (before === undefined || times.some((time) => receive(before, time) === lamport)) return;
  const message =
    `In the log ${describe(event)} has Lamport time ${lamport}: the room's was ${before} and the sender's ` +
    `${times.join(' or ')}, so it is ${[...new Set(times.map((time) => receive(before, time)))].join(' or ')}.`;
  yield finding('lamport-off-rule', room, { sequence }, message, exhibitsOf(log, event, senders));
}

/** Where the chain bears the event out, it is the sending that does not fit. */
function exhibitsOf(log: RoomLog, event: RoomEvent, senders: readonly Sender[]): Exhibit[] {
  const sendings = senders.flatMap(({ steps }) => steps);
  const logged = log.exhibit(event);
  return log.chainDue(event) === event.chain ? [...sendings, logged] : [logged, ...sendings];
}
