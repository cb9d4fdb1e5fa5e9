import type { RoomEvent } from '../../../core/event.js';
import type { Evidence } from '../../history/evidence.js';
import type { RoomLog } from '../../history/room-log.js';
import type { SessionRecord } from '../../history/sessions.js';
import type { LogFault, Stay } from '../../history/stays.js';
import type { Findings } from '../findings.js';
import { told } from '../violation.js';

/** P8: each session has exactly one Joined before, and exactly one Left after its messages. */
export function presence(evidence: Evidence, findings: Findings): void {
  for (const log of evidence.logs.all()) {
    for (const fault of log.stays.faults) {
      const message = saying(fault);
      const exhibits = [fault.event, ...(fault.earlier ? [fault.earlier] : [])].map((event) => log.exhibit(event));
      if (message) findings.add(fault.kind, log.room, { sequence: fault.event.sequence }, message, exhibits);
    }
  }
  for (const session of evidence.sessions.values()) {
    letIn(session, findings);
    resumedWhileThere(session, findings);
    thereToTheEnd(session, findings);
  }
  const mayBePresent = whoMayBePresent(evidence);
  for (const log of evidence.logs.all()) everybodyLeft(log, mayBePresent, findings);
}

function saying({ kind, event, earlier }: LogFault): string | undefined {
  const { participant } = event;
  const before = earlier ? `: ${told(earlier)} came before` : '';
  switch (kind) {
    case 'joined-twice':
      return `In the log ${told(event)}, who is in the room already${before}.`;
    case 'left-twice':
      return `In the log ${told(event)}, who has left already${before}.`;
    case 'left-without-joined':
      return `In the log ${told(event)}, and ${participant} never joined.`;
    case 'spoke-outside':
      return `In the log there is ${told(event)}, and ${participant} ${earlier ? `is no longer in the room${before}` : 'never joined'}.`;
    default:
      return undefined;
  }
}

function letIn({ client, name, welcome, log, stay }: SessionRecord, findings: Findings): void {
  const { room, newest, resumed } = welcome;
  // A session that was resumed before the record began has its Joined elsewhere.
  if (stay || resumed || !log?.shows(newest + 1)) return;
  const instead = log.at(newest + 1);
  const message =
    `${client} was let in as ${name} after event ${newest}, and ` +
    `${instead ? `what follows is ${told(instead)}` : 'nothing follows'} instead of its Joined.`;
  findings.add('no-joined', room, { sequence: newest + 1, client }, message, [welcome]);
}

function resumedWhileThere({ client, resumptions, stay }: SessionRecord, findings: Findings): void {
  for (const { welcome } of resumptions) {
    if (!stay?.left || stay.left.sequence > welcome.newest) continue;
    const message = `${client} resumed its session when the room was at ${welcome.newest}, after ${told(stay.left)}.`;
    findings.add('resumed-after-left', welcome.room, { sequence: stay.left.sequence, client }, message, [welcome]);
  }
}

function thereToTheEnd({ client, welcome, end, stay }: SessionRecord, findings: Findings): void {
  const left = stay?.left;
  if (end?.how !== 'present' || !left || left.sequence > (end.upTo ?? left.sequence)) return;
  const message = `${client} is still in the room, and the log says ${told(left)} (${left.reason}).`;
  findings.add('left-though-present', welcome.room, { sequence: left.sequence, client }, message, [end]);
}

/** Stays that need no Left: their clients are there to the end, or the server need not have noticed that they are not. */
function whoMayBePresent({ sessions, readers, history }: Evidence): (log: RoomLog, stay: Stay) => boolean {
  const staying = new Set<Stay>();
  const known = new Set<Stay>();
  for (const { stay, end } of sessions.values()) {
    if (!stay) continue;
    known.add(stay);
    if (end?.how === 'present' || end?.how === 'lost') staying.add(stay);
  }
  const lost = new Set(readers.filter(({ end }) => end?.how === 'lost').map(({ client }) => client));
  const names = new Set(
    history.clients
      .filter(({ client }) => lost.has(client))
      .flatMap(({ steps }) => steps.flatMap((step) => (step.kind === 'join' ? step.name : []))),
  );
  // A session whose client never heard that it was let in, or of somebody unrecorded.
  const unheard = (stay: Stay) => !known.has(stay) && (history.outsiders || names.has(stay.name));
  return ({ replaced }, stay) => replaced || staying.has(stay) || unheard(stay);
}

function everybodyLeft(log: RoomLog, mayBePresent: (log: RoomLog, stay: Stay) => boolean, findings: Findings): void {
  for (const stay of log.stays.all) {
    if (stay.left || !stay.joined || log.end < log.newest || log.witnessed || mayBePresent(log, stay)) continue;
    const last: RoomEvent = [...stay.messages.values()].at(-1) ?? stay.joined;
    const message = `${stay.name}'s session, which began with ${told(stay.joined)}, is over, and the log has no Left after ${told(last)}.`;
    findings.add('no-left', log.room, { sequence: last.sequence }, message, [log.exhibit(last)]);
  }
}
