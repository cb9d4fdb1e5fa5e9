/** Why a request was refused: the names of the contract's RejectionReason without their prefix [P9]. */
export type RejectionReason = keyof typeof rejectionDetails;

/** The text for people: what was wrong and what to do. Constant, so that no input of the caller comes back in it. */
export const rejectionDetails = {
  UNSPECIFIED: 'The request was refused.',
  TEXT_EMPTY: 'A message needs at least one character that is not white space.',
  TEXT_TOO_LONG: 'A message has at most 128 characters (Unicode code points). Send it in parts.',
  TEXT_INVALID: 'A message is well-formed UTF-8 without control characters other than tab.',
  NAME_INVALID:
    'A name has 1 to 32 characters, NFC: letters, marks, digits, "_", "-", ".", single spaces between them; "server" is taken.',
  NAME_TAKEN: 'A participant of this room has that name, or one that looks like it. Choose another.',
  ROOM_INVALID: 'A room name has 1 to 64 of a-z, 0-9, ".", "_", "-", and begins with a letter or digit.',
  ROOM_FULL: 'This room has as many participants as it may have. Try another room, or later.',
  NOT_JOINED: 'Join a room first: the first request of a Chat is a join.',
  ALREADY_JOINED: 'This stream has joined already. Open another stream to join another room.',
  LAMPORT_TOO_FAR_AHEAD:
    "The request's Lamport time is further ahead than any clock can be by now. Send your own clock's time.",
  ORDINAL_INVALID: "A message's ordinal is at least 1, and greater than the last accepted one of its session.",
  RATE_LIMITED: 'Too many messages in a short time. Send this one again later.',
  HISTORY_LOST: "This room's history cannot be continued from that position. Join anew.",
  SESSION_UNKNOWN: 'There is no such session, or it is over. Join anew.',
  NOT_ALLOWED: 'This server does not do that.',
  OVERLOADED: 'The server cannot do more at the moment. Try again later.',
  READ_ONLY: 'The server cannot write to its store at the moment. You can still read; try again later.',
} as const;

/**
 * The text of an OVERLOADED that lasts: no more rooms are begun, on the whole server or from one address, until an
 * operator removes some. It has no reason of its own, because clients would treat a new reason as UNSPECIFIED.
 */
export const noMoreRooms = {
  server: 'This server has as many rooms as it may have. Join one of them; its operator can remove some.',
  address: 'Your address has begun as many rooms as it may. Join one that is there; the operator can remove some.',
} as const;

export interface Rejection {
  /** The refused publish, as its author numbered it: a bigint beyond 2^53 − 1. 0 when a join or a leave was refused. */
  readonly ordinal: number | bigint;
  readonly reason: RejectionReason;
  readonly detail: string;
  /** When trying again makes sense, in milliseconds; 0 when it does not. */
  readonly retryAfterMs: number;
}

/** The rejection for `reason`, with its constant detail. */
export function rejection(reason: RejectionReason, ordinal: Rejection['ordinal'] = 0, retryAfterMs = 0): Rejection {
  return { ordinal, reason, detail: rejectionDetails[reason], retryAfterMs };
}
