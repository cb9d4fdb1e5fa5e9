/** The room of a join that names none. */
export const defaultRoom = 'lobby';

const form = /^[a-z0-9][a-z0-9._-]*$/;

/** Whether a room may be called `room` (docs/protocol.md, "What is valid"). */
export function isRoomName(room: string, lengthMax: number): boolean {
  return room.length <= lengthMax && form.test(room);
}
