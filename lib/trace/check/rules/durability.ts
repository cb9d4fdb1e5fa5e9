import type { RoomEvent } from '../../../core/event.js';
import type { Evidence } from '../../history/evidence.js';
import type { Publish } from '../../history/publishes.js';
import type { Stretch } from '../../history/readers.js';
import type { RoomLog } from '../../history/room-log.js';
import { sameEvent } from '../../history/same-event.js';
import type { Findings } from '../findings.js';
import { told } from '../violation.js';

/** P4: what was acknowledged, and what anybody received, is in the log for good. */
export function durability({ history, logs, readers, publishes }: Evidence, findings: Findings): void {
  for (const publish of publishes.all) acknowledged(publish, findings);
  for (const { stretches } of readers) for (const stretch of stretches) received(stretch, findings);
  for (const { room, logId, events } of history.logs) {
    const end = events.at(-1);
    if (end) neverShorter(room, end, logs.get(room, logId), findings);
  }
  for (const ofRoom of logs.perRoom()) neverReplaced(ofRoom, findings);
}

function acknowledged({ client, room, ordinal, session, accepted }: Publish, findings: Findings): void {
  const log = session?.log;
  for (const answer of accepted) {
    const { event } = answer;
    if (!log?.shows(event.sequence)) continue;
    const logged = log.at(event.sequence);
    // Another event in its place is a loss only if the message is nowhere else either; P1 is broken in any case.
    if (logged && (sameEvent(logged, event) || session?.stay?.messages.has(Number(ordinal)))) continue;
    const message = `${client} was told that its publish ${ordinal} is ${told(event)}, and the log has ${instead(logged)}.`;
    findings.add('acknowledged-lost', room, { sequence: event.sequence, client, ordinal }, message, [answer]);
  }
}

function received({ client, room, log, receipts }: Stretch, findings: Findings): void {
  if (!log) return;
  for (const receipt of receipts) {
    const { event } = receipt;
    if (log.at(event.sequence) || !log.shows(event.sequence)) continue;
    const message = `${client} received ${told(event)}, and the log has ${instead(undefined)}.`;
    findings.add('received-lost', room, { sequence: event.sequence, client }, message, [receipt]);
  }
}

function instead(logged: RoomEvent | undefined): string {
  return logged ? `${told(logged)} there` : 'no such event';
}

function neverShorter(room: string, end: RoomEvent, final: RoomLog | undefined, findings: Findings): void {
  if (!final || final.at(end.sequence) || !final.shows(end.sequence)) return;
  const message = `Log ${final.logId} went up to ${told(end)}, and now ends at ${final.end}.`;
  findings.add('log-shrunk', room, { sequence: final.end + 1 }, message, [final.exhibit(end)]);
}

function neverReplaced(logs: readonly RoomLog[], findings: Findings): void {
  for (const log of logs.slice(0, -1)) {
    if (log.replaced) continue;
    const now = logs.at(-1)?.logId;
    const message = `The room's log was ${log.logId} and is ${now}, though nobody wiped its store.`;
    findings.add('log-replaced', log.room, { sequence: 1 }, message, [log.exhibit({ sequence: 1 })]);
  }
}
