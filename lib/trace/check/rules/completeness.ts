import type { Evidence } from '../../history/evidence.js';
import type { Publish } from '../../history/publishes.js';
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
    yield* logOf(reader, missing);
    yield* reachedItsEnd(reader, reader.end && ends.get(reader.end));
  }
  for (const publish of publishes.all) yield* hasOutcome(publish);
}

function* whole(log: RoomLog): Findings {
  const { room, logId, events, newest, end } = log;
  if (log.witnessed) {
    yield* holes(log);
    return;
  }
  const first = events[0]?.sequence ?? 1;
  if (first === 1 && end >= newest) return;
  const message = `Log ${logId} was read from event ${first} to ${end}, and it goes from 1 to ${newest}.`;
  yield finding('log-incomplete', room, { sequence: first === 1 ? end + 1 : 1 }, message, []);
}

function* holes({ room, events }: RoomLog): Findings {
  let last = 0;
  for (const { sequence } of events) {
    if (sequence > last + 1) {
      const message = `Nobody whose log is here received ${span(last + 1, sequence - 1)} of room ${room}.`;
      yield finding('log-incomplete', room, { sequence: last + 1 }, message, []);
    }
    last = sequence;
  }
}

function* logOf({ room, ranges }: Reader, missing: Set<string>): Findings {
  for (const { log, logId, client } of ranges) {
    const key = `${room} ${logId}`;
    if (log || missing.has(key)) continue;
    missing.add(key);
    const message = `${client} was in log ${logId || 'of an unknown id'}, which was not read.`;
    yield finding('log-missing', room, { client }, message, []);
  }
}

function* reachedItsEnd(
  { client, room, ranges, connections, end }: Reader,
  session: SessionRecord | undefined,
): Findings {
  const range = ranges.at(-1);
  if (connections.length === 0 || !range) return;
  if (!end) {
    const message = `Nothing tells how ${client}'s visit of room ${room} ended: it may have missed what came last.`;
    yield finding('reader-unknown', room, { client }, message, lastOf(range.receipts));
    return;
  }
  const due = dueSequence(end.how, end.upTo ?? range.log?.end, session);
  const reached = range.receipts.at(-1)?.event.sequence ?? range.from?.sequence ?? 0;
  if (due === undefined || reached >= due) return;
  const message = `${client} stopped at event ${reached}, and was to receive everything up to ${due}.`;
  yield finding('reader-behind', room, { sequence: reached + 1, client }, message, [end]);
}

function dueSequence(how: string, end: number | undefined, session: SessionRecord | undefined): number | undefined {
  if (how === 'present') return end;
  return how === 'left' ? session?.stay?.left?.sequence : undefined;
}

function* hasOutcome({ client, room, ordinal, tries, accepted }: Publish): Findings {
  const last = tries.at(-1);
  if (!last || accepted.length > 0 || last.outcome) return;
  const message = `Nobody knows what became of ${client}'s publish ${ordinal} (“${last.send.text}”).`;
  yield finding('publish-unanswered', room, { client, ordinal }, message, [last.send]);
}

function lastOf<T>(items: readonly T[]): T[] {
  return items.slice(-1);
}
