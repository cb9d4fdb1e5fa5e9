import { Metadata, type StatusObject, status } from '@grpc/grpc-js';
import { encodeStatusDetails, statusDetailsKey } from '../../codec/status-details.js';
import type { RejectionReason } from '../../core/rejection.js';
import type { Ending } from '../actors/peer.js';

/** The gRPC status code of each refusal, as the contract has it over RejectionReason. */
const codes: Readonly<Record<RejectionReason, status>> = {
  UNSPECIFIED: status.UNKNOWN,
  TEXT_EMPTY: status.INVALID_ARGUMENT,
  TEXT_TOO_LONG: status.INVALID_ARGUMENT,
  TEXT_INVALID: status.INVALID_ARGUMENT,
  NAME_INVALID: status.INVALID_ARGUMENT,
  ROOM_INVALID: status.INVALID_ARGUMENT,
  LAMPORT_TOO_FAR_AHEAD: status.INVALID_ARGUMENT,
  ORDINAL_INVALID: status.INVALID_ARGUMENT,
  NAME_TAKEN: status.ALREADY_EXISTS,
  ROOM_FULL: status.RESOURCE_EXHAUSTED,
  RATE_LIMITED: status.RESOURCE_EXHAUSTED,
  OVERLOADED: status.RESOURCE_EXHAUSTED,
  NOT_JOINED: status.FAILED_PRECONDITION,
  ALREADY_JOINED: status.FAILED_PRECONDITION,
  HISTORY_LOST: status.FAILED_PRECONDITION,
  SESSION_UNKNOWN: status.NOT_FOUND,
  NOT_ALLOWED: status.PERMISSION_DENIED,
  READ_ONLY: status.UNAVAILABLE,
};

/** The texts are constant and never the caller's input: a lone surrogate in one would end the process. */
const plain: Readonly<Record<Exclude<Ending['kind'], 'refused'>, CallEnding>> = {
  complete: { code: status.OK, details: '' },
  malformed: { code: status.INVALID_ARGUMENT, details: "The request's bytes are not a message of this method." },
  stopping: { code: status.UNAVAILABLE, details: 'The server is stopping. Connect again later.' },
  damaged: {
    code: status.DATA_LOSS,
    details: "What was asked for is damaged in the server's store and cannot be read.",
  },
  failed: { code: status.INTERNAL, details: 'The server failed at this request. What became of it is unknown.' },
};

/** The status by which a call ends. A refusal's details hold the Rejection [P9]. */
export function statusOf(ending: Ending): StatusObject {
  const metadata = new Metadata();
  if (ending.kind !== 'refused') return { ...plain[ending.kind], metadata };
  const { rejection } = ending;
  const code = codes[rejection.reason];
  metadata.set(statusDetailsKey, encodeStatusDetails(code, rejection));
  return { code, details: rejection.detail, metadata };
}

/** A status without details, by which a call is ended before the service has it. */
export interface CallEnding {
  readonly code: status;
  readonly details: string;
}

/** How a call ends whose request did not come. */
export const neverAsked: CallEnding = { code: status.DEADLINE_EXCEEDED, details: 'The request did not come in time.' };
export const lastedTooLong: CallEnding = {
  code: status.DEADLINE_EXCEEDED,
  details: 'Streams of this method last only so long here. Call again.',
};
export const tooManyStreams: CallEnding = {
  code: status.RESOURCE_EXHAUSTED,
  details: 'As many health watches and reflection streams are open as this server allows. Try again later.',
};
export const headersTooLarge: CallEnding = {
  code: status.RESOURCE_EXHAUSTED,
  details: "The request's headers are too large together.",
};
