import type { RoomEvent } from '../../../core/event.js';
import type { Evidence } from '../../history/evidence.js';
import type { RoomLog, Stay } from '../../history/room-log.js';
import type { SessionRecord } from '../../history/sessions.js';
import { describe, type Findings, finding } from '../violation.js';

/** P8: a session let in has its Joined, and one that is over its Left. That neither comes twice, `logItself` tells. */
export function* presence(evidence: Evidence): Findings {
  for (const session of evidence.sessions.values()) yield* asItsClientKnows(session);
  const mayBePresent = whoMayBePresent(evidence);
  for (const log of evidence.logs.all()) {
    if (log.end < log.newest || log.witnessed) continue;
    for (const stay of log.stays.all) {
      if (stay.left || !stay.joined || mayBePresent(log, stay)) continue;
      const last: RoomEvent = [...stay.messages.values()].at(-1) ?? stay.joined;
      const message = `${stay.name}'s session, which began with ${describe(stay.joined)}, is over, and the log has no Left after ${describe(last)}.`;
      yield finding('no-left', log.room, { sequence: last.sequence }, message, [log.exhibit(last)]);
    }
  }
}

function* asItsClientKnows({ client, name, welcome, log, stay, resumptions, end }: SessionRecord): Findings {
  const { room, newest, resumed } = welcome;
  // A session that was resumed before the record began has its Joined elsewhere.
  if (!stay && !resumed && log?.shows(newest + 1)) {
    const next = log.at(newest + 1);
    const instead = next ? `what follows is ${describe(next)}` : 'nothing follows';
    const message = `${client} was let in as ${name} after event ${newest}, and ${instead} instead of its Joined.`;
    yield finding('no-joined', room, { sequence: newest + 1, client }, message, [welcome]);
  }
  const left = stay?.left;
  if (!left) return;
  const where = { sequence: left.sequence, client };
  for (const { welcome: back } of resumptions) {
    if (left.sequence > back.newest) continue;
    const message = `${client} resumed its session when the room was at ${back.newest}, after ${describe(left)}.`;
    yield finding('resumed-after-left', back.room, where, message, [back]);
  }
  if (end?.how !== 'present' || left.sequence > (end.upTo ?? left.sequence)) return;
  const message = `${client} is still in the room, and the log says ${describe(left)} (${left.reason}).`;
  yield finding('left-though-present', room, where, message, [end]);
}

/** Stays that need no Left: their clients are there to the end, or the server need not have noticed they are not. */
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
