import type { Evidence } from '../../history/evidence.js';
import type { Reader } from '../../history/readers.js';
import type { RoomLog } from '../../history/room-log.js';
import type { SessionRecord } from '../../history/sessions.js';
import { type Findings, finding, span } from '../violation.js';

/** "Unknown" is not "pass": what the record leaves open fails it. */
export function* completeness({ logs, readers, publishes, sessions }: Evidence): Findings {
  if (!readers.some(({ ranges }) => ranges.some(({ receipts }) => receipts.length > 0))) {
    yield finding('nothing-recorded', '', {}, 'No client received anything: there is nothing to judge.', []);
  }
  for (const log of logs.all()) yield* whole(log);
  const missing = new Set<string>();
  const ends = new Map([...sessions.values()].map((session) => [session.end, session]));
  for (const reader of readers) {
    const { room, ranges, end } = reader;
    for (const { log, logId, client } of ranges) {
      const key = `${room} ${logId}`;
      if (log || missing.has(key)) continue;
      missing.add(key);
      const message = `${client} was in log ${logId || 'of an unknown id'}, which was not read.`;
      yield finding('log-missing', room, { client }, message, []);
    }
    yield* reachedItsEnd(reader, end && ends.get(end));
  }
  for (const { client, room, ordinal, tries, accepted } of publishes.all) {
    const last = tries.at(-1);
    if (!last || accepted.length > 0 || last.outcome) continue;
    const message = `Nobody knows what became of ${client}'s publish ${ordinal} (“${last.send.text}”).`;
    yield finding('publish-unanswered', room, { client, ordinal }, message, [last.send]);
  }
}

function* whole({ room, logId, events, newest, end, witnessed }: RoomLog): Findings {
  const first = events[0]?.sequence ?? 1;
  if (!witnessed && (first > 1 || end < newest)) {
    const message = `Log ${logId} was read from event ${first} to ${end}, and it goes from 1 to ${newest}.`;
    yield finding('log-incomplete', room, { sequence: first === 1 ? end + 1 : 1 }, message, []);
  }
  let last = 0;
  for (const { sequence } of witnessed ? events : []) {
    if (sequence > last + 1) {
      const message = `Nobody whose log is here received ${span(last + 1, sequence - 1)} of room ${room}.`;
      yield finding('log-incomplete', room, { sequence: last + 1 }, message, []);
    }
    last = sequence;
  }
}

function* reachedItsEnd(reader: Reader, session: SessionRecord | undefined): Findings {
  const { client, room, ranges, connections, end } = reader;
  const range = ranges.at(-1);
  if (connections.length === 0 || !range) return;
  if (!end) {
    const message = `Nothing tells how ${client}'s visit of room ${room} ended: it may have missed what came last.`;
    yield finding('reader-unknown', room, { client }, message, range.receipts.slice(-1));
    return;
  }
  const ofLeft = end.how === 'left' ? session?.stay?.left?.sequence : undefined;
  const due = end.how === 'present' ? (end.upTo ?? range.log?.end) : ofLeft;
  const reached = range.receipts.at(-1)?.event.sequence ?? range.from?.sequence ?? 0;
  if (due === undefined || reached >= due) return;
  const message = `${client} stopped at event ${reached}, and was to receive everything up to ${due}.`;
  yield finding('reader-behind', room, { sequence: reached + 1, client }, message, [end]);
}
