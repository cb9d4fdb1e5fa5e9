import { chainStart } from '../../../core/chain.js';
import type { RoomEvent } from '../../../core/event.js';
import type { Evidence } from '../../history/evidence.js';
import type { AcceptedStep, LogReading } from '../../history/history.js';
import type { Connection, ReceivedRange } from '../../history/readers.js';
import type { RoomLog } from '../../history/room-log.js';
import { differences, sameEvent } from '../../history/same-event.js';
import { describe, type Findings, finding } from '../violation.js';

/**
 * P1: one (room, log id, sequence) is one event, for everybody and for ever. What everybody has is compared with the final event log,
 * whose chain `logItself` recomputes.
 */
export function* agreement({ history, logs, readers, publishes }: Evidence): Findings {
  for (const { ranges, connections } of readers) {
    for (const range of ranges) yield* asInLog(range);
    for (const connection of connections) {
      yield* sameLog(connection);
      yield* placeInLog(connection);
    }
  }
  for (const { client, session, accepted } of publishes.all) {
    for (const answer of accepted) yield* answerInLog(client, session?.log, answer);
  }
  for (const reading of history.logs) yield* unchanged(reading, logs.get(reading.room, reading.logId));
}

function* asInLog({ client, room, log, receipts }: ReceivedRange): Findings {
  if (!log) return;
  for (const receipt of receipts) {
    const { event } = receipt;
    const logged = log.at(event.sequence);
    if (logged === undefined || sameEvent(event, logged)) continue;
    const message = `${client} received ${contrast(event, logged)}.`;
    const exhibits = [receipt, log.exhibit(event)];
    yield finding('disagreement', room, { sequence: event.sequence, client }, message, exhibits);
  }
}

function* answerInLog(client: string, log: RoomLog | undefined, answer: AcceptedStep): Findings {
  const { room, event, ordinal } = answer;
  const logged = log?.at(event.sequence);
  if (!log || !logged || sameEvent(event, logged)) return;
  const message = `${client}'s publish ${ordinal} was answered with ${contrast(event, logged)}.`;
  const exhibits = [answer, log.exhibit(event)];
  yield finding('disagreement', room, { sequence: event.sequence, client, ordinal }, message, exhibits);
}

function* sameLog({ client, welcome, changedFrom }: Connection): Findings {
  if (changedFrom === undefined) return;
  const { room, logId, place } = welcome;
  const message = `${client} was in log ${changedFrom} and goes on in log ${logId}, and nobody told it that history is lost.`;
  yield finding('log-id-changed', room, { sequence: place.sequence, client }, message, [welcome]);
}

function* placeInLog({ client, welcome, log }: Connection): Findings {
  const { room, place } = welcome;
  const chain = place.sequence === 0 ? chainStart : log?.at(place.sequence)?.chain;
  if (!log || chain === place.chain || (place.sequence > 0 && !log.shows(place.sequence))) return;
  const message =
    `${client} was welcomed at event ${place.sequence} with chain ${place.chain}, ` +
    `and the log has ${chain === undefined ? 'no such event' : `chain ${chain} there`}.`;
  yield finding('place-disagrees', room, { sequence: place.sequence, client }, message, [welcome, log.exhibit(place)]);
}

function* unchanged({ room, logId, events }: LogReading, final: RoomLog | undefined): Findings {
  if (!final || final.events === events) return;
  for (const event of events) {
    const logged = final.at(event.sequence);
    if (!logged || sameEvent(event, logged)) continue;
    const message = `An earlier reading of log ${logId} has ${contrast(event, logged)}.`;
    yield finding('log-changed', room, { sequence: event.sequence }, message, [final.exhibit(event)]);
  }
}

/** What two events at one sequence disagree on. */
function contrast(event: RoomEvent, logged: RoomEvent): string {
  const fields = differences(event, logged).flatMap((field) => {
    const [one, other] = [event, logged].map((of) => new Map<string, unknown>(Object.entries(of)).get(field));
    // What only one kind of event has, its words tell.
    return one === undefined || other === undefined ? [] : `${field} ${String(one)}, not ${String(other)}`;
  });
  return `${describe(event)} where the log has ${describe(logged)}: ${fields.join('; ')}`;
}
