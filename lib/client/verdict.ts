import { status as grpcStatus } from '@grpc/grpc-js';
import type { LeftReason } from '../core/event.js';
import type { Status } from './chat-client.js';
import type { StreamEnd } from './chat-stream.js';

/** What a visit knows when its stream has ended. */
export interface Standing {
  /** What the server did wrong, if it did. */
  readonly fault: string | undefined;
  readonly leaving: boolean;
  /** Why the own session ended, if its Left was received. */
  readonly left: LeftReason | undefined;
  readonly reconnect: boolean;
}

/** What the end of a stream means for its visit: how it ended, or undefined if it goes on over another connection. */
export function verdict(end: StreamEnd, { fault, leaving, left, reconnect }: Standing): Status | undefined {
  if (fault) return ended(`${fault}. Join anew, and tell the server's operator.`);
  if (leaving && left) return { state: 'left' };
  if (leaving && end.code === grpcStatus.OK) return ended('The server ended the visit without confirming the leave.');
  if (end.farewell?.reason === 'REMOVED' || left === 'REMOVED') return ended('The server removed you from the room.');
  if (end.farewell?.reason === 'TAKEN_OVER') return ended('This visit was continued elsewhere.');
  if (left === 'ASKED') return ended('This visit was left elsewhere.');
  if (reconnect) return undefined;
  return ended(`${whyLost(end)} ${end.farewell ? 'Join again when it is back.' : 'Join anew.'}`);
}

/** Why there is no connection, in a sentence for people. */
export function whyLost({ code, details, farewell }: StreamEnd): string {
  if (farewell?.reason === 'SERVER_STOPPING') return 'The server is stopping.';
  if (code === grpcStatus.OK) return 'The server ended the visit.';
  return `The connection is lost (${details}).`;
}

function ended(reason: string): Status {
  return { state: 'ended', reason };
}
