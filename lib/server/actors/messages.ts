import type { Observable } from 'rxjs';
import type { ParticipantNames } from '../../codec/participant-names.js';
import type { JoinRequest, PublishAction, ResumePlace } from '../../codec/requests.js';
import type { WelcomeToAll } from '../../codec/responses.js';
import type { Draft } from '../../core/draft.js';
import type { Rejection } from '../../core/rejection.js';
import type { Origin } from '../access/origin.js';
import type { RoomHead, Run } from '../log/event-log.js';

/** A participant's stream, as its events come to it. */
export interface Flow {
  readonly writable: () => boolean;
  /** Emits when `writable` turned true. */
  readonly drained$: Observable<void>;
  /** Takes the next run, if it was writable. */
  readonly send: (run: Run) => void;
}

/** What an accepted join, or resume, gives its connection. */
export interface Visit {
  readonly welcome: WelcomeToAll;
  readonly participant: string;
  /** Whether the session outlives a lost stream for a while. */
  readonly resumable: boolean;
  /** The stream is lost: from here on the session of a resumable visit is waited for. */
  readonly lost: () => void;
  /**
   * Sends the visit's events as runs, from the one after the welcome's place on, as fast as `flow` allows. Completes after
   * the participant's own Left; errors with `EventsForgotten` where the log no longer holds what the participant is to get, with
   * `LogDamaged` where it cannot be read.
   */
  readonly follow: (flow: Flow) => Observable<never>;
}

/** What became of a draft. `event` is the encoded event (codec: `encodeEvent`). */
export type Answer =
  | { readonly kind: 'accepted'; readonly sequence: number; readonly event: Buffer; readonly visit?: Visit }
  /** The publish had been accepted before [P5]. */
  | { readonly kind: 'repeated'; readonly sequence: number; readonly event: Buffer }
  | { readonly kind: 'rejected'; readonly rejection: Rejection }
  /** The room failed over it: nobody knows whether it became an event. */
  | { readonly kind: 'failed' }
  /** What it takes to answer cannot be read from the log, now or later: damaged. Nothing became an event. */
  | { readonly kind: 'damaged' };

/** What became of the wish to go on with a session. */
export type ResumeAnswer =
  | { readonly kind: 'resumed'; readonly visit: Visit }
  | { readonly kind: 'rejected'; readonly rejection: Rejection }
  | { readonly kind: 'failed' }
  /** The session is there, but the log cannot say whether its place is. */
  | { readonly kind: 'damaged' };

/** A draft on its way to its room. `answer` is called once, from within the room's turn. */
export interface Submission {
  readonly draft: Draft;
  /** Earlier events wanted with a join. */
  readonly history?: number;
  /**
   * Set with the leave of somebody who is gone: no limit refuses it, and while the log cannot be written it is kept
   * and tried again [P8].
   */
  readonly owed?: boolean;
  /** With an owed leave: told when it had to be kept. */
  readonly kept?: () => void;
  readonly answer: (answer: Answer) => void;
  /** With a join. */
  readonly stream?: StreamOfSession;
  /** With a join: where it comes from. */
  readonly origin?: Origin;
}

/** What a session's stream wants to be told. */
export interface StreamOfSession {
  /** The session has ended, by whatever leave. */
  readonly left: () => void;
  /** The session goes on with another stream. */
  readonly takenOver: () => void;
}

/** The wish to go on with a session, on its way through the same inlet: it is decided between the drafts around it. */
export interface Resumption {
  readonly resume: ResumePlace;
  readonly stream: StreamOfSession;
  readonly origin: Origin;
  readonly answer: (answer: ResumeAnswer) => void;
}

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
  | { readonly kind: 'answered'; readonly request: Draft['kind'] | 'resume'; readonly answer: Answer | ResumeAnswer }
  /** The session has ended: what is up to its Left remains to be sent. */
  | { readonly kind: 'left' }
  /** The session goes on with another stream. */
  | { readonly kind: 'taken-over' }
  /** The visit's events can no longer be followed. */
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
  /** The log cannot be read. */
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

/** What the outside asks of the server actor. Each `answer` is called once. */
export type ServerRequest =
  | { readonly kind: 'request'; readonly request: SessionRequest; readonly answer: (answer: Answer) => void }
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
      readonly answer: (answer: HistoryAnswer) => void;
    }
  | {
      readonly kind: 'list-rooms';
      /** Rooms whose names come after this one. */
      readonly after: string;
      /** At most so many. */
      readonly limit: number;
      readonly answer: (rooms: readonly RoomHead[]) => void;
    }
  | { readonly kind: 'list-participants'; readonly room: string; readonly answer: (a: ParticipantsAnswer) => void };
