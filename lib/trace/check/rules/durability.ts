import type { RoomEvent } from '../../../core/event.js';
import type { Evidence } from '../../history/evidence.js';
import type { Publish } from '../../history/publishes.js';
import type { ReceivedRange } from '../../history/readers.js';
import type { RoomLog } from '../../history/room-log.js';
import { sameEvent } from '../../history/same-event.js';
import { describe, type Findings, finding } from '../violation.js';

/** P4: what was acknowledged, and what anybody received, is in the event log for good. */
export function* durability({ history, logs, readers, publishes }: Evidence): Findings {
  for (const publish of publishes.all) yield* acknowledged(publish);
  for (const { ranges } of readers) for (const range of ranges) yield* received(range);
  for (const { room, logId, events } of history.logs) {
    const end = events.at(-1);
    if (end) yield* neverShorter(room, end, logs.get(room, logId));
  }
  for (const ofRoom of logs.perRoom()) yield* neverReplaced(ofRoom);
}

function* acknowledged({ client, room, ordinal, session, accepted }: Publish): Findings {
  const log = session?.log;
  for (const answer of accepted) {
    const { event } = answer;
    if (!log?.shows(event.sequence)) continue;
    const logged = log.at(event.sequence);
    // Another event in its place is a loss only if the message is nowhere else either; P1 is broken in any case.
    if (logged && (sameEvent(logged, event) || session?.stay?.messages.has(Number(ordinal)))) continue;
    const message = `${client} was told that its publish ${ordinal} is ${describe(event)}, and the log has ${instead(logged)}.`;
    yield finding('acknowledged-lost', room, { sequence: event.sequence, client, ordinal }, message, [answer]);
  }
}

function* received({ client, room, log, receipts }: ReceivedRange): Findings {
  if (!log) return;
  for (const receipt of receipts) {
    const { event } = receipt;
    if (log.at(event.sequence) || !log.shows(event.sequence)) continue;
    const message = `${client} received ${describe(event)}, and the log has ${instead(undefined)}.`;
    yield finding('received-lost', room, { sequence: event.sequence, client }, message, [receipt]);
  }
}

function instead(logged: RoomEvent | undefined): string {
  return logged ? `${describe(logged)} there` : 'no such event';
}

function* neverShorter(room: string, end: RoomEvent, final: RoomLog | undefined): Findings {
  if (!final || final.at(end.sequence) || !final.shows(end.sequence)) return;
  const message = `Log ${final.logId} went up to ${describe(end)}, and now ends at ${final.end}.`;
  yield finding('log-shrunk', room, { sequence: final.end + 1 }, message, [final.exhibit(end)]);
}

function* neverReplaced(logs: readonly RoomLog[]): Findings {
  for (const log of logs.slice(0, -1)) {
    if (log.replaced) continue;
    const now = logs.at(-1)?.logId;
    const message = `The room's log was ${log.logId} and is ${now}, though nobody wiped its store.`;
    yield finding('log-replaced', log.room, { sequence: 1 }, message, [log.exhibit({ sequence: 1 })]);
  }
}
