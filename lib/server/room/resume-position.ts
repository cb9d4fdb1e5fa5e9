import type { ResumePlace } from '../../codec/messages.js';
import { rejection } from '../../core/rejection.js';
import type { Journal } from '../../platform/journal.js';
import { type EventLog, LogDamaged } from '../log/event-log.js';
import type { Refusal } from './pending.js';

export interface ResumeParts {
  readonly log: EventLog;
  readonly journal: Journal;
  readonly room: string;
  readonly resume: ResumePlace;
  /** Whether the session is in the room. */
  readonly present: boolean;
}

/**
 * Why a session cannot be resumed from a position; undefined if it can. Only the requester learns that an event cannot be read: the
 * answer to an ended session is that it is over, whatever became of its position; to a living one, that its position is damaged.
 */
export function resumeRefusal({ log, journal, room, resume, present }: ResumeParts): Refusal | undefined {
  try {
    if (!hasPosition(log, room, resume)) return { kind: 'rejected', rejection: rejection('HISTORY_LOST') };
  } catch (err) {
    if (!(err instanceof LogDamaged)) {
      journal.error('room-unreadable', { room, err });
      return { kind: 'failed' };
    }
    if (present) return { kind: 'damaged' };
  }
  return present ? undefined : { kind: 'rejected', rejection: rejection('SESSION_UNKNOWN') };
}

/**
 * Whether the room's event log holds the place to resume from: it is the same log, reaches so far, and has the same history up to
 * there. If not, it was wiped or set back, and going on would be a gap [P11].
 */
function hasPosition(log: EventLog, room: string, { logId, sequence, chain }: ResumePlace): boolean {
  return log.head(room)?.logId === logId && holdsChain(log, { room, after: sequence, chain });
}

/** Whether the room's event log has this chain at `after`. Throws `LogDamaged` where it cannot be told. */
export function holdsChain(
  log: EventLog,
  { room, after, chain }: { readonly room: string; readonly after: number; readonly chain: string },
): boolean {
  return after <= (log.head(room)?.place.sequence ?? 0) && log.chainAt(room, after) === chain;
}
