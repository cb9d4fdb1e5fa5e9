import type { ParticipantNames } from '../../codec/participant-names.js';
import type { JoinRequest, PublishAction } from '../../codec/requests.js';
import type { Rejection } from '../../core/rejection.js';
import type { RoomHead } from '../log/event-log.js';
import type { CommandReply, PendingCommand, Ref, ResumeReply, StreamNotice } from '../room/pending.js';
import type { Peer } from './peer.js';

/**
 * What a connection actor waits for only so long: its join, that its stream takes what waits, and its end; and what it waits for
 * until then: its turn to join, and that it may be read from again.
 */
export type Wait = 'join' | 'stall' | 'linger' | 'turn' | 'rest';

/** What a connection actor is told. */
export type ConnectionMessage =
  | { readonly kind: 'join'; readonly lamport: number; readonly join: JoinRequest }
  | { readonly kind: 'publish'; readonly lamport: number; readonly publish: PublishAction }
  | { readonly kind: 'leave'; readonly lamport: number }
  /** A request with no action that this server knows. */
  | { readonly kind: 'unknown' }
  /** Bytes that are no request. */
  | { readonly kind: 'malformed' }
  /** The client will send no more: a leave, or of a resumable session that has not asked to leave, a lost stream. */
  | { readonly kind: 'half-closed' }
  /** The stream is over, however it came to that. */
  | { readonly kind: 'gone' }
  /** The server stops. */
  | { readonly kind: 'stop' }
  /** What became of a request of this connection. */
  | CommandReply
  | ResumeReply
  /** What its room tells the session's stream. */
  | StreamNotice
  /** The session's events can no longer be followed. */
  | { readonly kind: 'lost'; readonly error: unknown }
  /** One of its waits has taken too long. */
  | { readonly kind: 'overdue'; readonly wait: Wait }
  /** The stream is writable again. */
  | { readonly kind: 'drained' }
  /** It is time to look whether the stream was quiet for too long. */
  | { readonly kind: 'look' };

/** What a history reader gets. */
export type HistoryAnswer =
  | {
      readonly kind: 'page';
      readonly events: Buffer;
      /** The sequence of the last of them; where there is none, the one after which they were asked for. */
      readonly last: number;
      readonly logId: string;
      readonly newest: number;
    }
  | { readonly kind: 'rejected'; readonly rejection: Rejection }
  /** The event log cannot be read. */
  | { readonly kind: 'failed' }
  /** The next event is damaged: it will never be read again. */
  | { readonly kind: 'damaged' };

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
      /** At most so many. */
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
