import { chainStart } from '../../../core/chain.js';
import type { RoomEvent } from '../../../core/event.js';
import type { Evidence } from '../../history/evidence.js';
import type { Connection } from '../../history/readers.js';
import type { RoomLog } from '../../history/room-log.js';
import { differences, sameEvent } from '../../history/same-event.js';
import { describe, type Findings, finding } from '../violation.js';

/**
 * P1: one (room, log id, sequence) is one event, for everybody and for ever. What everybody has is compared with the
 * final event log, whose chain `logItself` recomputes.
 */
export function* agreement({ history, logs, readers, publishes }: Evidence): Findings {
  for (const { ranges, connections } of readers) {
    for (const { client, room, log, receipts } of ranges) {
      for (const receipt of receipts) {
        const differs = log && contrast(receipt.event, log);
        if (!differs) continue;
        const where = { sequence: receipt.event.sequence, client };
        const exhibits = [receipt, log.exhibit(receipt.event)];
        yield finding('disagreement', room, where, `${client} received ${differs}.`, exhibits);
      }
    }
    for (const connection of connections) yield* placeInLog(connection);
  }
  for (const { client, session, accepted } of publishes.all) {
    const log = session?.log;
    for (const answer of accepted) {
      const { room, event, ordinal } = answer;
      const differs = log && contrast(event, log);
      if (!differs) continue;
      const message = `${client}'s publish ${ordinal} was answered with ${differs}.`;
      const where = { sequence: event.sequence, client, ordinal };
      yield finding('disagreement', room, where, message, [answer, log.exhibit(event)]);
    }
  }
  for (const { room, logId, events } of history.logs) {
    const final = logs.get(room, logId);
    if (!final || final.events === events) continue;
    for (const event of events) {
      const differs = contrast(event, final);
      if (!differs) continue;
      const message = `An earlier reading of log ${logId} has ${differs}.`;
      yield finding('log-changed', room, { sequence: event.sequence }, message, [final.exhibit(event)]);
    }
  }
}

function* placeInLog({ client, welcome, log, changedFrom }: Connection): Findings {
  const { room, logId, place } = welcome;
  const { sequence, chain } = place;
  if (changedFrom !== undefined) {
    const message = `${client} was in log ${changedFrom} and goes on in log ${logId}, and nobody told it that history is lost.`;
    yield finding('log-id-changed', room, { sequence, client }, message, [welcome]);
  }
  const logged = sequence === 0 ? chainStart : log?.at(sequence)?.chain;
  if (!log || logged === chain || (sequence > 0 && !log.shows(sequence))) return;
  const instead = logged === undefined ? 'no such event' : `chain ${logged} there`;
  const message = `${client} was welcomed at event ${sequence} with chain ${chain}, and the log has ${instead}.`;
  yield finding('place-disagrees', room, { sequence, client }, message, [welcome, log.exhibit(place)]);
}

/** What an event and the log's at its sequence disagree on; undefined where they do not. */
function contrast(event: RoomEvent, log: RoomLog): string | undefined {
  const logged = log.at(event.sequence);
  if (!logged || sameEvent(event, logged)) return undefined;
  const fields = differences(event, logged).flatMap((field) => {
    const [one, other] = [event, logged].map((of) => new Map<string, unknown>(Object.entries(of)).get(field));
    // What only one kind of event has, its words tell.
    return one === undefined || other === undefined ? [] : `${field} ${String(one)}, not ${String(other)}`;
  });
  return `${describe(event)} where the log has ${describe(logged)}: ${fields.join('; ')}`;
}

/**
 * P1: what clients received as the events of one log is not what others received of another log of the room. Told of
 * the log that fewer were in; each client once.
 */
export function* oneHistory({ logs, readers }: Evidence): Findings {
  const connections = readers.flatMap((reader) => reader.connections);
  const inside = (log: RoomLog) => connections.filter((connection) => connection.log === log);
  for (const ofRoom of logs.perRoom()) {
    const bySize = [...ofRoom].sort((a, b) => inside(b).length - inside(a).length);
    for (const [index, log] of bySize.entries()) {
      const first = log.events.find((event) => bySize.slice(0, index).some((other) => has(other, event)));
      const other = first && bySize.slice(0, index).find((one) => has(one, first));
      if (!first || !other) continue;
      for (const { client, welcome } of inside(log)) {
        const message =
          `${client} was let in to log ${log.logId}, and what it received there, from event ${first.sequence} on, others ` +
          `received of log ${other.logId}.`;
        const where = { sequence: first.sequence, client };
        yield finding('log-id-changed', log.room, where, message, [welcome, other.exhibit(first)]);
      }
    }
  }
}

function has(log: RoomLog, event: RoomLog['events'][number]): boolean {
  const other = log.at(event.sequence);
  return other !== undefined && sameEvent(other, event);
}
