import type { ResumePlace } from '../codec/requests.js';
import type { EventLog } from '../log/event-log.js';

/**
 * Whether the room's log holds the place to resume from: it is the same log, reaches so far, and has the same history up to
 * there. If not, it was wiped or set back, and going on would be a gap [P11].
 */
export function holdsPlace(log: EventLog, room: string, { logId, sequence, chain }: ResumePlace): boolean {
  const head = log.head(room);
  return head?.logId === logId && sequence <= head.place.sequence && log.chainAt(room, sequence) === chain;
}
