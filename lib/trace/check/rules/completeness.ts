import type { Evidence } from '../../history/evidence.js';
import type { Publish } from '../../history/publishes.js';
import type { Reader } from '../../history/readers.js';
import type { RoomLog } from '../../history/room-log.js';
import type { SessionRecord } from '../../history/sessions.js';
import type { Findings } from '../findings.js';
import { span } from '../violation.js';

/** "Unknown" is not "pass": what the record leaves open fails it. */
export function completeness({ logs, readers, publishes, sessions }: Evidence, findings: Findings): void {
  if (!readers.some(({ stretches }) => stretches.some(({ receipts }) => receipts.length > 0))) {
    findings.add('nothing-recorded', '', {}, 'No client received anything: there is nothing to judge.', []);
  }
  for (const log of logs.all()) whole(log, findings);
  const missing = new Set<string>();
  const ends = new Map([...sessions.values()].map((session) => [session.end, session]));
  for (const reader of readers) {
    logOf(reader, missing, findings);
    reachedItsEnd(reader, reader.end && ends.get(reader.end), findings);
  }
  for (const publish of publishes.all) hasOutcome(publish, findings);
}

function whole(log: RoomLog, findings: Findings): void {
  const { room, logId, events, newest, end } = log;
  if (log.witnessed) {
    holes(log, findings);
    return;
  }
  const first = events[0]?.sequence ?? 1;
  if (first === 1 && end >= newest) return;
  const message = `Log ${logId} was read from event ${first} to ${end}, and it goes from 1 to ${newest}.`;
  findings.add('log-incomplete', room, { sequence: first === 1 ? end + 1 : 1 }, message, []);
}

function holes({ room, events }: RoomLog, findings: Findings): void {
  let last = 0;
  for (const { sequence } of events) {
    if (sequence > last + 1) {
      const message = `Nobody whose log is here received ${span(last + 1, sequence - 1)} of room ${room}.`;
      findings.add('log-incomplete', room, { sequence: last + 1 }, message, []);
    }
    last = sequence;
  }
}

function logOf({ room, stretches }: Reader, missing: Set<string>, findings: Findings): void {
  for (const { log, logId, client } of stretches) {
    const key = `${room} ${logId}`;
    if (log || missing.has(key)) continue;
    missing.add(key);
    const message = `${client} was in log ${logId || 'of an unknown id'}, which was not read.`;
    findings.add('log-missing', room, { client }, message, []);
  }
}

function reachedItsEnd(
  { client, room, stretches, connections, end }: Reader,
  session: SessionRecord | undefined,
  findings: Findings,
): void {
  const stretch = stretches.at(-1);
  if (connections.length === 0 || !stretch) return;
  if (!end) {
    const message = `Nothing tells how ${client}'s visit of room ${room} ended: it may have missed what came last.`;
    findings.add('reader-unknown', room, { client }, message, lastOf(stretch.receipts));
    return;
  }
  const due = dueSequence(end.how, end.upTo ?? stretch.log?.end, session);
  const reached = stretch.receipts.at(-1)?.event.sequence ?? stretch.from?.sequence ?? 0;
  if (due === undefined || reached >= due) return;
  const message = `${client} stopped at event ${reached}, and was to receive everything up to ${due}.`;
  findings.add('reader-behind', room, { sequence: reached + 1, client }, message, [end]);
}

function dueSequence(how: string, end: number | undefined, session: SessionRecord | undefined): number | undefined {
  if (how === 'present') return end;
  return how === 'left' ? session?.stay?.left?.sequence : undefined;
}

function hasOutcome({ client, room, ordinal, tries, accepted }: Publish, findings: Findings): void {
  const last = tries.at(-1);
  if (!last || accepted.length > 0 || last.outcome) return;
  const message = `Nobody knows what became of ${client}'s publish ${ordinal} (“${last.send.text}”).`;
  findings.add('publish-unanswered', room, { client, ordinal }, message, [last.send]);
}

function lastOf<T>(items: readonly T[]): T[] {
  return items.slice(-1);
}
