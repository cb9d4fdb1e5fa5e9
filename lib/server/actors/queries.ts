import type { Limits } from '../../core/limits.js';
import { isRoomName } from '../../core/name.js';
import { rejection } from '../../core/rejection.js';
import type { Journal } from '../../platform/journal.js';
import { type EventLog, LogDamaged } from '../log/event-log.js';
import type { Refusal } from '../room/pending.js';
import { holdsChain } from '../room/resume-position.js';
import type { HistoryAnswer, ServerRequest } from './messages.js';

/** What `read` gives; where the room's log cannot be read, that is told in the log records, and the answer says so. */
export function readable<Given>(
  journal: Journal,
  room: string,
  read: () => Given,
): Given | Exclude<Refusal, { kind: 'rejected' }> {
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
  if (chain !== undefined && !holdsChain(log, { room, after, chain })) {
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
