import { type Rejection, rejectionDetails } from '../core/rejection.js';

/** A refused join as one line for people: culprit, cause, cure. */
export function clientRefusal(rejection: Rejection, asked: { readonly name: string; readonly room: string }): string {
  switch (rejection.reason) {
    case 'NAME_TAKEN':
      return `the name "${asked.name}" is taken in the room ${asked.room}, or looks like one that is. Choose another with --name.`;
    case 'NAME_INVALID':
      return `the name "${asked.name}" cannot be used. ${rejectionDetails.NAME_INVALID} Choose another with --name.`;
    case 'ROOM_INVALID':
      return `the room "${asked.room}" cannot be used. ${rejectionDetails.ROOM_INVALID} Choose another with --room.`;
    case 'ROOM_FULL':
      return `the room ${asked.room} is full. Choose another with --room, or try again later.`;
    default:
      return `the server refused the join: ${rejection.detail}`;
  }
}
