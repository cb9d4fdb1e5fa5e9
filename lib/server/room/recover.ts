import type { Limits } from '../../core/limits.js';
import { emptyRoom, evolve, type RoomState, restoreRoom } from '../../core/room-state.js';
import type { EventLog } from '../log/event-log.js';

/** The state that a room's event log says: snapshot and replay. Throws where the event log cannot be read. */
export function recoverRoom(log: EventLog, room: string, limits: Limits): RoomState {
  if (!log.head(room)) return emptyRoom(room);
  const { snapshot, parts, entries } = log.recover(room);
  const state = restoreRoom(room, snapshot, parts);
  for (const entry of entries) evolve(state, entry, limits);
  return state;
}
