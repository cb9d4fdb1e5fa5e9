import type { Evidence } from '../../history/evidence.js';
import type { RoomLog } from '../../history/room-log.js';
import { sameEvent } from '../../history/same-event.js';
import { type Findings, finding } from '../violation.js';

/**
 * P1: what clients received as the events of one log is not what others received of another log of the room. Told of the log that
 * fewer were in; each client once.
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
