import type { ResumePlace } from '../../codec/messages.js';
import type { Limits } from '../../core/limits.js';
import { isRoomName } from '../../core/name.js';
import { rejection } from '../../core/rejection.js';
import type { Journal } from '../../platform/journal.js';
import { type EventLog, LogDamaged } from '../log/event-log.js';
import type { Refusal } from '../room/pending.js';
import type { HistoryAnswer, ServerRequest } from './messages.js';

type Unreadable = Exclude<Refusal, { kind: 'rejected' }>;

/** What `read` gives; where the room's log cannot be read, that is told in the log records, and the answer says so. */
export function readable<Given>(journal: Journal, room: string, read: () => Given): Given | Unreadable {
  try {
    return read();
  } catch (err) {
    // Of a damaged event the store has told.
    if (err instanceof LogDamaged) return { kind: 'damaged' };
    journal.error('room-unreadable', { room, err });
    return { kind: 'failed' };
  }
}

/** Part of a room's history, as its event log alone tells it. Throws where that cannot be read. */
export function historyOf(
  { log, limits }: { readonly log: EventLog; readonly limits: Limits },
  { room, after, limit, bytesMax, chain }: Extract<ServerRequest, { kind: 'read-history' }>,
): HistoryAnswer {
  if (!isRoomName(room, limits.roomNameLengthMax)) return { kind: 'rejected', rejection: rejection('ROOM_INVALID') };
  const head = log.head(room);
  // What the reader has read is of another history.
  if (chain !== undefined && !holdsChain(log, room, after, chain)) {
    return { kind: 'rejected', rejection: rejection('HISTORY_LOST') };
  }
  if (!head) return { kind: 'page', events: Buffer.alloc(0), last: after, logId: '', newest: 0 };
  // An event is never skipped in silence [P11].
  if (after + 1 < log.oldest(room)) return { kind: 'rejected', rejection: rejection('HISTORY_LOST') };
  const { logId, place } = head;
  const max = Math.min(limit || limits.historyEventsMax, limits.historyEventsMax);
  const run = after < place.sequence ? log.read(room, after, max, bytesMax) : undefined;
  const page = { events: run?.bytes ?? Buffer.alloc(0), last: run?.last ?? after };
  return { kind: 'page', ...page, logId, newest: place.sequence };
}

/**
 * Why a session cannot be resumed from a position; undefined if it can. Only the requester learns that an event cannot
 * be read: the answer to an ended session is that it is over, whatever became of its position; to a living one, that
 * its position is damaged. `present`: whether the session is in the room.
 */
export function resumeRefusal(
  { log, journal, room }: { readonly log: EventLog; readonly journal: Journal; readonly room: string },
  resume: ResumePlace,
  present: boolean,
): Refusal | undefined {
  const holds = readable(journal, room, () => hasPosition(log, room, resume));
  if (holds === false) return { kind: 'rejected', rejection: rejection('HISTORY_LOST') };
  if (holds !== true && (present || holds.kind === 'failed')) return holds;
  return present ? undefined : { kind: 'rejected', rejection: rejection('SESSION_UNKNOWN') };
}

/**
 * Whether the room's event log holds the place to resume from: it is the same log, reaches so far, and has the same
 * history up to there. If not, it was wiped or set back, and going on would be a gap [P11].
 */
function hasPosition(log: EventLog, room: string, { logId, sequence, chain }: ResumePlace): boolean {
  return log.head(room)?.logId === logId && holdsChain(log, room, sequence, chain);
}

/** Whether the room's event log has this chain at `after`. Throws `LogDamaged` where it cannot be told. */
function holdsChain(log: EventLog, room: string, after: number, chain: string): boolean {
  return after <= (log.head(room)?.place.sequence ?? 0) && log.chainAt(room, after) === chain;
}
