/** What stands in a room's event log, and what every participant receives [P1]. */

export type LeftReason = 'UNSPECIFIED' | 'ASKED' | 'CONNECTION_LOST' | 'REMOVED' | 'SERVER_RESTARTED';

/** What all events have. */
export interface EventBase {
  /** 1, 2, 3, … in the room, without gaps. */
  readonly sequence: number;
  /** Strictly increasing along `sequence` [P7]. */
  readonly lamport: number;
  /** The server's wall clock in milliseconds since 1970, for people; it orders nothing. */
  readonly timeMs: number;
  readonly participant: string;
  /** Fingerprint of the room's history up to and including this event: 16 lower-case hex digits. */
  readonly chain: string;
}

export interface JoinedEvent extends EventBase {
  readonly kind: 'joined';
}

export interface MessageEvent extends EventBase {
  readonly kind: 'message';
  readonly text: string;
  /** The author's own count of the message. */
  readonly ordinal: number;
  /** Sequence of the last event the author had been shown when sending. */
  readonly seen: number;
}

export interface LeftEvent extends EventBase {
  readonly kind: 'left';
  readonly reason: LeftReason;
}

/** An event of a kind that only a newer contract has, as a client may receive it: no room of this server makes one. */
export interface UnknownEvent extends EventBase {
  readonly kind: 'unknown';
}

/** What a room makes, and its event log holds. */
export type KnownEvent = JoinedEvent | MessageEvent | LeftEvent;

export type RoomEvent = KnownEvent | UnknownEvent;

/** An event with what only the server may know of it: the session that a Joined opened. */
export interface Entry {
  readonly event: KnownEvent;
  /** Set with a Joined and only there: the session that begins with it. */
  readonly sessionStart?: { readonly session: string; readonly resumable: boolean };
}

/** What of a message says what its author knew. */
export type Said = Pick<MessageEvent, 'sequence' | 'participant' | 'seen'>;

/**
 * Whether `later` crossed `earlier` in flight: its author had not been shown `earlier` when sending, so neither was
 * said in knowledge of the other (proto/chit/v1/chat.proto, `Message.seen`). Both are of one room. What one author says
 * is in that author's own order and crosses nothing.
 */
export function crossed(earlier: Pick<EventBase, 'sequence' | 'participant'>, later: Said): boolean {
  const { sequence, participant } = earlier;
  return later.participant !== participant && later.seen < sequence && sequence < later.sequence;
}
