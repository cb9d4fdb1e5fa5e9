import type { Limits } from '../../core/limits.js';
import { rejection } from '../../core/rejection.js';
import { isRoomName } from '../../core/room-name.js';
import type { Journal } from '../../platform/journal.js';
import { type EventLog, LogDamaged, type RoomHead } from '../log/event-log.js';
import type { Refusal } from '../room/pending.js';
import { holdsChain } from '../room/resume-position.js';
import type { RoomNames } from '../room/room-names.js';
import type { HistoryAnswer, ServerRequest } from './messages.js';

export interface QueriesParts {
  readonly log: EventLog;
  readonly limits: Limits;
  readonly journal: Journal;
  /** The names of all rooms, those that have no event yet too. */
  readonly names: RoomNames;
}

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

/** What can be told of rooms from their event log alone, without their actors. */
export class Queries {
  readonly #parts: QueriesParts;

  constructor(parts: QueriesParts) {
    this.#parts = parts;
  }

  /** Part of a room's history. */
  history(request: Extract<ServerRequest, { kind: 'read-history' }>): HistoryAnswer {
    return readable<HistoryAnswer>(this.#parts.journal, request.room, () => this.#history(request));
  }

  /** Rooms that have an event, by name. */
  rooms(after: string, limit: number): readonly RoomHead[] {
    const heads: RoomHead[] = [];
    for (const room of this.#parts.names.after(after)) {
      if (heads.length >= limit) break;
      const head = this.#parts.log.head(room);
      if (head) heads.push(head);
    }
    return heads;
  }

  #history({ room, after, limit, bytesMax, chain }: Extract<ServerRequest, { kind: 'read-history' }>): HistoryAnswer {
    const { log, limits } = this.#parts;
    if (!isRoomName(room, limits.roomNameLengthMax)) return { kind: 'rejected', rejection: rejection('ROOM_INVALID') };
    const head = log.head(room);
    // What the reader has read is of another history.
    if (chain !== undefined && !holdsChain(log, { room, after, chain })) {
      return { kind: 'rejected', rejection: rejection('HISTORY_LOST') };
    }
    if (!head) return { kind: 'page', events: Buffer.alloc(0), last: after, logId: '', newest: 0 };
    // An event is never skipped in silence [P11].
    if (after + 1 < log.oldest(room)) return { kind: 'rejected', rejection: rejection('HISTORY_LOST') };
    const newest = head.place.sequence;
    const max = Math.min(limit || limits.historyEventsMax, limits.historyEventsMax);
    const run = after < newest ? log.read(room, after, max, bytesMax) : undefined;
    return {
      ...{ kind: 'page', events: run?.bytes ?? Buffer.alloc(0), last: run?.last ?? after },
      ...{ logId: head.logId, newest },
    };
  }
}
