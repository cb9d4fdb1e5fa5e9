import type { JoinRequest, PublishAction } from '../../codec/messages.js';
import type { ParticipantNames } from '../../codec/participant-names.js';
import type { LeftReason } from '../../core/event.js';
import type { Rejection } from '../../core/rejection.js';
import type { RoomState } from '../../core/room-state.js';
import type { RoomHead } from '../log/event-log.js';
import type {
  CommandReply,
  PendingCommand,
  PendingResume,
  Ref,
  Refusal,
  ResumeReply,
  SessionMessage,
  StreamNotice,
} from '../room/pending.js';
import type { Peer } from './peer.js';

/**
 * What a connection actor waits for only so long: its join, that its stream takes what waits, and its end; and what it
 * waits for until then: its turn to join, and that it may be read from again.
 */
export type Wait = 'join' | 'stall' | 'linger' | 'turn' | 'rest';

/** What comes in on a stream. */
export type StreamRequest =
  | { readonly kind: 'join'; readonly lamport: number; readonly join: JoinRequest }
  | { readonly kind: 'publish'; readonly lamport: number; readonly publish: PublishAction }
  | { readonly kind: 'leave'; readonly lamport: number }
  /** A request with no action that this server knows. */
  | { readonly kind: 'unknown' }
  /** Bytes that are no request. */
  | { readonly kind: 'malformed' }
  /** The client will send no more: a leave, or of a resumable session that has not asked to leave, a lost stream. */
  | { readonly kind: 'half-closed' };

/** What a connection actor is told. */
export type ConnectionMessage =
  | StreamRequest
  /** The stream is over, however it came to that. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'stop' }
  | CommandReply
  | ResumeReply
  | StreamNotice
  /** The session's events can no longer be followed. */
  | { readonly kind: 'lost'; readonly error: unknown }
  /** One of its waits has taken too long. */
  | { readonly kind: 'overdue'; readonly wait: Wait }
  | { readonly kind: 'drained' }
  /** Other streams need the memory of what it has not taken. */
  | { readonly kind: 'crowded-out' }
  /** It is time to look whether the stream was quiet for too long. */
  | { readonly kind: 'look' };

export type HistoryAnswer =
  | {
      readonly kind: 'page';
      readonly events: Buffer;
      /** The sequence of the last of them; where there is none, the one after which they were asked for. */
      readonly last: number;
      readonly logId: string;
      readonly newest: number;
    }
  /** Damaged: the next event is. */
  | Refusal;

/** A unary publish or leave, as it came over the wire. */
export type SessionRequest =
  | { readonly kind: 'publish'; readonly session: string; readonly lamport: number; readonly publish: PublishAction }
  | { readonly kind: 'leave'; readonly session: string; readonly lamport: number };

export type ParticipantsAnswer =
  | { readonly kind: 'participants'; readonly names: ParticipantNames }
  | { readonly kind: 'rejected'; readonly rejection: Rejection };

/** The rooms that have an event, by name, from the one that was asked for. */
export interface RoomsAnswer {
  readonly rooms: readonly RoomHead[];
}

/** A command whose room the server actor is to find. */
export interface Submit {
  readonly kind: 'submit';
  readonly room: string;
  readonly pending: PendingCommand;
  /** Whether a place for the room that it may begin was made, or could not be. */
  readonly placeMade?: boolean;
}

/** What a connection tells its supervisor. */
export type ConnectionReport =
  | Submit
  | { readonly kind: 'resume'; readonly room: string; readonly pending: PendingResume }
  /** Its stream is over; told once. */
  | { readonly kind: 'ended'; readonly connection: Ref<ConnectionMessage> };

/** What a room tells itself of its sessions, when its timers say so. */
export type SessionTimeout =
  /** A session was not resumed in time. */
  | { readonly kind: 'expired'; readonly session: string; readonly reason: LeftReason }
  /** Try again to write a leave that the store could not take. */
  | { readonly kind: 'retry-leave'; readonly owed: PendingCommand };

/** What a room actor is told. */
export type RoomMessage =
  | SessionMessage
  | { readonly kind: 'resume'; readonly pending: PendingResume }
  | { readonly kind: 'list-participants'; readonly replyTo: Ref<ParticipantsAnswer> }
  | SessionTimeout
  /**
   * End the sessions without a connection, resumable ones after their grace; tells `repaired` when that is durable, or
   * cannot be yet.
   */
  | { readonly kind: 'end-orphans'; readonly reason: LeftReason }
  /** Take nothing more in and tell `room-retired`, unless a participant is there or work under way: `room-stays`. */
  | { readonly kind: 'retire' }
  /** Go on from the event log, after a failure. */
  | { readonly kind: 'restart' }
  /** Take nothing more in; tells `room-closed` when what was taken in is durable and told. */
  | { readonly kind: 'close' }
  /** No more at all: every stream of the room errors with `error`. */
  | { readonly kind: 'end'; readonly error: unknown };

/** What a room tells its supervisor. */
export type RoomReport =
  /** It waits for 'restart' or 'end'. */
  | { readonly kind: 'room-failed'; readonly room: string; readonly error: unknown }
  /** It cannot be opened, for its event log cannot be read: it takes nothing more in, and answers all who wait. */
  | { readonly kind: 'room-unreadable'; readonly room: string; readonly error: unknown }
  /** It takes nothing more in: it was asked to, or has come to nothing, for its first join was refused. */
  | { readonly kind: 'room-retired'; readonly room: string }
  | { readonly kind: 'room-stays'; readonly room: string }
  /** The last participant has left. */
  | { readonly kind: 'room-emptied'; readonly room: string }
  /** What was to be done for the sessions without a connection is done. */
  | { readonly kind: 'repaired'; readonly room: string }
  /** It is at its end, with this state, all of which is in the event log; without one where it failed. */
  | { readonly kind: 'room-closed'; readonly room: string; readonly state: RoomState | undefined }
  /** Comes to a room that is no more: it is another's. */
  | Submit;

/** What the outside asks of the server actor, which answers each once. */
export type ServerRequest =
  | { readonly kind: 'request'; readonly request: SessionRequest; readonly replyTo: Ref<CommandReply> }
  | {
      readonly kind: 'read-history';
      readonly room: string;
      readonly after: number;
      /** 0: as many as the server gives. */
      readonly limit: number;
      /** The most bytes of events, where it is more than one event. */
      readonly bytesMax: number;
      /** The chain at `after`, where it is to be compared. */
      readonly chain?: string | undefined;
      readonly replyTo: Ref<HistoryAnswer>;
    }
  | {
      readonly kind: 'list-rooms';
      /** Rooms whose names come after this one. */
      readonly after: string;
      readonly limit: number;
      readonly replyTo: Ref<RoomsAnswer>;
    }
  | { readonly kind: 'list-participants'; readonly room: string; readonly replyTo: Ref<ParticipantsAnswer> };

/** What the service needs of the actors; the ServerActor is it. */
export interface Actors {
  /** A connection actor for a new stream. */
  connect(peer: Peer): { tell(message: ConnectionMessage): void };
  tell(request: ServerRequest): void;
}
