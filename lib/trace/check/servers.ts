import type { Evidence } from '../history/evidence.js';
import type { RoomLog } from '../history/room-log.js';

/** The addresses by which clients came to be in each log, of those whose record tells; a server may have several. */
export function serversOf({ readers }: Evidence): Map<RoomLog, Set<string>> {
  const servers = new Map<RoomLog, Set<string>>();
  for (const { connections } of readers) {
    for (const { log, server } of connections) {
      if (log && server !== undefined) servers.set(log, (servers.get(log) ?? new Set()).add(server));
    }
  }
  return servers;
}
