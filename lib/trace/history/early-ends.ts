import type { RoomEvent } from '../../core/event.js';
import type { Reader } from './readers.js';
import type { SessionRecord } from './sessions.js';

/**
 * Sessions whose record does not tell its own end: the client was killed then, or the record was taken before it ended. What the
 * client did after the last event that it received in it nobody can say. Only of witnessed logs: other histories are
 * recorded whole.
 */
export class EarlyEnds {
  /** By session, the last sequence received. */
  readonly last: ReadonlyMap<SessionRecord, number>;

  constructor(readers: readonly Reader[], sessions: ReadonlyMap<string, SessionRecord>) {
    const last = new Map<SessionRecord, number>();
    for (const { stretches, connections, end } of readers) {
      const welcome = connections.at(-1)?.welcome;
      const session = welcome && sessions.get(welcome.session);
      const stretch = stretches.at(-1);
      if (!session?.log?.witnessed || !stretch || (end && !end.toldByOthers)) continue;
      last.set(session, stretch.receipts.at(-1)?.event.sequence ?? stretch.from?.sequence ?? 0);
    }
    this.last = last;
  }

  /** Whether a session's record may stop before what became this event was done. */
  before({ sequence }: RoomEvent, session: SessionRecord | undefined): boolean {
    return session !== undefined && sequence > (this.last.get(session) ?? Number.POSITIVE_INFINITY);
  }
}
