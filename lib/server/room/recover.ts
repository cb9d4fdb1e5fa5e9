import type { Limits } from '../../core/limits.js';
import { emptyRoom, evolve, type RoomState, restoreRoom } from '../../core/room-state.js';
import type { Slices } from '../../core/slices.js';
import { type EventLog, entriesPerSlice } from '../log/event-log.js';

/**
 * The state that a room's event log says: snapshot and replay, in slices. Nothing is appended to the room meanwhile. Throws where the
 * event log cannot be read.
 */
export function* rebuildState(log: EventLog, room: string, limits: Limits): Slices<RoomState> {
  if (!log.head(room)) return emptyRoom(room);
  const { snapshot, parts, entries } = yield* log.recover(room);
  const state = yield* restoreRoom(room, snapshot, parts);
  let replayed = 0;
  for (const entry of entries) {
    evolve(state, entry, limits);
    replayed += 1;
    if (replayed % entriesPerSlice === 0) yield;
  }
  return state;
}
