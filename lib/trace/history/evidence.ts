import { EarlyEnds } from './early-ends.js';
import type { History } from './history.js';
import { Publishes } from './publishes.js';
import { type Reader, readersOf } from './readers.js';
import { RoomLogs } from './room-log.js';
import { type SessionRecord, sessionsOf } from './sessions.js';

/** A history, put together as the rules need it. */
export interface Evidence {
  readonly history: History;
  readonly logs: RoomLogs;
  readonly sessions: ReadonlyMap<string, SessionRecord>;
  readonly publishes: Publishes;
  readonly readers: readonly Reader[];
  readonly earlyEnds: EarlyEnds;
  /** The clients whose record does not go back to their first start. */
  readonly late: ReadonlySet<string>;
}

export function evidenceOf(history: History): Evidence {
  const logs = new RoomLogs(history.logs);
  const sessions = sessionsOf(history.clients, logs);
  const publishes = new Publishes(history.clients, sessions);
  const readers = readersOf(history.clients, logs);
  const late = new Set(history.clients.flatMap(({ client, beginsLate }) => (beginsLate ? client : [])));
  return { history, logs, sessions, publishes, readers, earlyEnds: new EarlyEnds(readers, sessions), late };
}
