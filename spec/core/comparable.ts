import { type RoomState, snapshotOf } from '../../lib/core/room-state.js';

/** All of a state that can be compared: deep equality does not see into its ordinals. */
export function comparable(state: RoomState): unknown {
  return {
    ...snapshotOf(state),
    room: state.room,
    ids: [...state.sessions.keys()],
    names: [...state.byName.keys()],
    taken: [...state.foldedNames],
    remembered: [...state.sessions.values()].map(({ ordinals }) => ordinals.remembered()),
    endedRemembered: [...state.ended.entries()].map(([id, ordinals]) => [id, ordinals.remembered()]),
  };
}
