import type { Limits } from '../../core/limits.js';
import type { Journal } from '../../platform/journal.js';
import type { SessionHoldings } from '../access/holdings.js';
import type { EventLog } from '../log/event-log.js';
import type { Ref } from '../room/pending.js';
import type { ServerMemory } from '../room/shared-memory.js';
import type { RoomMessage, RoomReport } from './messages.js';
import type { Time, Turns } from './turns.js';

/** One room, and what it lives by. */
export interface RoomParts {
  readonly room: string;
  readonly log: EventLog;
  readonly limits: Limits;
  readonly journal: Journal;
  readonly time: Time;
  /** What all rooms share. */
  readonly memory: ServerMemory;
  /** In which the rooms' logs are read. */
  readonly openings: Turns;
  /** Which address has which sessions: is told of their ends, and of those of an earlier life. */
  readonly holdings: SessionHoldings;
  readonly supervisor: Ref<RoomReport>;
  readonly observe?: ((message: RoomMessage) => void) | undefined;
}
