import { defaultLimits } from '../core/limits.js';
import { type Rejection, rejectionDetails } from '../core/rejection.js';

/** A refused join as one line for people: culprit, cause, cure. */
export function clientRefusal(rejection: Rejection, asked: { readonly name: string; readonly room: string }): string {
  const [name, room] = [inShort(asked.name), inShort(asked.room)];
  switch (rejection.reason) {
    case 'NAME_TAKEN':
      return `the name "${name}" is taken in the room ${room}, or looks like one that is. Choose another with --name.`;
    case 'NAME_INVALID':
      return `the name "${name}" cannot be used. ${rejectionDetails.NAME_INVALID} Choose another with --name.`;
    case 'ROOM_INVALID':
      return `the room "${room}" cannot be used. ${rejectionDetails.ROOM_INVALID} Choose another with --room.`;
    case 'ROOM_FULL':
      return `the room ${room} is full. Choose another with --room, or try again later.`;
    default:
      return `the server refused the join: ${rejection.detail}`;
  }
}

/** No longer than a room or a name may be: what is beyond that would only push the reason off the screen. */
function inShort(text: string): string {
  const { roomNameLengthMax } = defaultLimits;
  const characters = Array.from(text);
  return characters.length > roomNameLengthMax ? `${characters.slice(0, roomNameLengthMax).join('')}…` : text;
}
