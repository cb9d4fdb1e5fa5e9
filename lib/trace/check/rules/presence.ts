import type { RoomEvent } from '../../../core/event.js';
import type { Evidence } from '../../history/evidence.js';
import type { RoomLog } from '../../history/room-log.js';
import type { SessionRecord } from '../../history/sessions.js';
import type { LogFault, Stay } from '../../history/stays.js';
import { describe, type Findings, finding } from '../violation.js';

/** P8: each session has exactly one Joined before, and exactly one Left after its messages. */
export function* presence(evidence: Evidence): Findings {
  for (const log of evidence.logs.all()) {
    for (const fault of log.stays.faults) {
      const message = saying(fault);
      const exhibits = [fault.event, ...(fault.earlier ? [fault.earlier] : [])].map((event) => log.exhibit(event));
      if (message) yield finding(fault.kind, log.room, { sequence: fault.event.sequence }, message, exhibits);
    }
  }
  for (const session of evidence.sessions.values()) {
    yield* letIn(session);
    yield* resumedWhileThere(session);
    yield* thereToTheEnd(session);
  }
  const mayBePresent = whoMayBePresent(evidence);
  for (const log of evidence.logs.all()) yield* everybodyLeft(log, mayBePresent);
}

function saying({ kind, event, earlier }: LogFault): string | undefined {
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
    default:
      return undefined;
  }
}

function* letIn({ client, name, welcome, log, stay }: SessionRecord): Findings {
  const { room, newest, resumed } = welcome;
  // A session that was resumed before the record began has its Joined elsewhere.
  if (stay || resumed || !log?.shows(newest + 1)) return;
  const instead = log.at(newest + 1);
  const message =
    `${client} was let in as ${name} after event ${newest}, and ` +
    `${instead ? `what follows is ${describe(instead)}` : 'nothing follows'} instead of its Joined.`;
  yield finding('no-joined', room, { sequence: newest + 1, client }, message, [welcome]);
}

function* resumedWhileThere({ client, resumptions, stay }: SessionRecord): Findings {
  for (const { welcome } of resumptions) {
    if (!stay?.left || stay.left.sequence > welcome.newest) continue;
    const message = `${client} resumed its session when the room was at ${welcome.newest}, after ${describe(stay.left)}.`;
    yield finding('resumed-after-left', welcome.room, { sequence: stay.left.sequence, client }, message, [welcome]);
  }
}

function* thereToTheEnd({ client, welcome, end, stay }: SessionRecord): Findings {
  const left = stay?.left;
  if (end?.how !== 'present' || !left || left.sequence > (end.upTo ?? left.sequence)) return;
  const message = `${client} is still in the room, and the log says ${describe(left)} (${left.reason}).`;
  yield finding('left-though-present', welcome.room, { sequence: left.sequence, client }, message, [end]);
}

/** Stays that need no Left: their clients are there to the end, or the server need not have noticed that they are not. */
function whoMayBePresent({ sessions, readers, clients, history }: Evidence): (log: RoomLog, stay: Stay) => boolean {
  const staying = new Set<Stay>();
  const known = new Set<Stay>();
  for (const { stay, end } of sessions.values()) {
    if (!stay) continue;
    known.add(stay);
    if (end?.how === 'present' || end?.how === 'lost') staying.add(stay);
  }
  const lost = new Set(readers.filter(({ end }) => end?.how === 'lost').map(({ client }) => client));
  const names = new Set(clients.flatMap((one) => (lost.has(one.record.client) ? [...one.names] : [])));
  // A session whose client never heard that it was let in, or of somebody unrecorded.
  const unheard = (stay: Stay) => !known.has(stay) && (history.outsiders || names.has(stay.name));
  return ({ replaced }, stay) => replaced || staying.has(stay) || unheard(stay);
}

function* everybodyLeft(log: RoomLog, mayBePresent: (log: RoomLog, stay: Stay) => boolean): Findings {
  for (const stay of log.stays.all) {
    if (stay.left || !stay.joined || log.end < log.newest || log.witnessed || mayBePresent(log, stay)) continue;
    const last: RoomEvent = [...stay.messages.values()].at(-1) ?? stay.joined;
    const message = `${stay.name}'s session, which began with ${describe(stay.joined)}, is over, and the log has no Left after ${describe(last)}.`;
    yield finding('no-left', log.room, { sequence: last.sequence }, message, [log.exhibit(last)]);
  }
}
