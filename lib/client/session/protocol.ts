import type { ClientFields, Whose } from '../../codec/log-records.js';
import type { ChatRequest, Farewell, Welcome } from '../../codec/messages.js';
import type { RoomEvent } from '../../core/event.js';
import type { Rejection } from '../../core/rejection.js';
import type { Position, PublishedMessage, Status } from '../chat-client.js';

/** When something happened, and the randomness that it may use up. */
export interface Moment {
  /** Monotonic, in milliseconds. */
  readonly ms: number;
  /** The wall clock's, in milliseconds since 1970. */
  readonly wallMs: number;
  /** From 0 up to, not including, 1. */
  readonly random: number;
}

/** Why a connection, a join or a page was not had. */
export type Failure =
  /** The server said no. */
  | { readonly kind: 'refused'; readonly rejection: Rejection }
  /** What was asked for is damaged in the server's store. */
  | { readonly kind: 'damaged'; readonly message: string }
  /** No chat server answers. */
  | { readonly kind: 'unreachable'; readonly message: string }
  /** The session that was to be left is over already. */
  | { readonly kind: 'gone' }
  /** The session must not go on. */
  | { readonly kind: 'ended'; readonly message: string }
  /** What no server and no network should do. */
  | { readonly kind: 'broken'; readonly message: string };

/** How a stream ended. */
export interface StreamEnd {
  /** `well`: with status OK. `damaged`: what comes next is damaged in the server's store. */
  readonly how: 'well' | 'damaged' | 'lost';
  readonly details: string;
  readonly farewell: Farewell | undefined;
}

/** What waits for its time: a publish by its number. */
export type TimerName = 'retry' | 'name' | 'leave' | number;

/** Why no more events are taken from the server: the reader has paused, or has not come yet. */
export type PauseReason = 'paused' | 'unread';

/** A page of ReadHistory but for its events, which are given one by one when they are asked for. */
export interface PageHead {
  readonly logId: string;
  readonly newest: number;
  readonly events: number;
}

/**
 * What happens to a session. Those of a connection have its number. The answers to `open`, `join` and `readHistory`
 * come after the step that asked, never within it.
 */
export type Input =
  | { readonly kind: 'begin'; readonly now: Moment }
  | { readonly kind: 'opened'; readonly connection: number; readonly now: Moment }
  /** The connection could not be opened, or the join was not accepted. */
  | { readonly kind: 'failed'; readonly connection: number; readonly failure: Failure; readonly now: Moment }
  /** `tag`: the welcome's session as log records name it. */
  | {
      readonly kind: 'welcomed';
      readonly connection: number;
      readonly welcome: Welcome;
      readonly tag: string;
      readonly now: Moment;
    }
  /** A response of the stream, part by part: its events, its rejection if it has one, its end. */
  | { readonly kind: 'received'; readonly connection: number; readonly event: RoomEvent }
  | { readonly kind: 'rejected'; readonly connection: number; readonly rejection: Rejection }
  | { readonly kind: 'response-end'; readonly connection: number }
  /** The server has ended the stream; what it had sent may still come, and then `lost`. */
  | { readonly kind: 'stream-ended'; readonly connection: number }
  | { readonly kind: 'lost'; readonly connection: number; readonly end: StreamEnd; readonly now: Moment }
  /** A page has come; after `receivePage`, event by event, what is in it. */
  | { readonly kind: 'page-read'; readonly connection: number; readonly page: PageHead; readonly now: Moment }
  | { readonly kind: 'page-event'; readonly connection: number; readonly event: RoomEvent }
  | { readonly kind: 'page-end'; readonly connection: number; readonly now: Moment }
  | { readonly kind: 'page-failed'; readonly connection: number; readonly failure: Failure; readonly now: Moment }
  /** `id`: counted by the caller; `settle` names it. */
  | { readonly kind: 'publish'; readonly id: number; readonly text: string }
  | { readonly kind: 'leave'; readonly now: Moment }
  | { readonly kind: 'close'; readonly now: Moment }
  /** The reader wants no more events, or wants them again. */
  | { readonly kind: 'pause'; readonly reason: PauseReason }
  | { readonly kind: 'resume'; readonly reason: PauseReason; readonly now: Moment }
  | { readonly kind: 'tick'; readonly timer: TimerName; readonly now: Moment }
  /** The process's Lamport clock was moved by another of its sessions [S8]. */
  | { readonly kind: 'clock'; readonly time: number };

/** What became of a publish. */
export type PublishOutcome =
  | { readonly kind: 'accepted'; readonly message: PublishedMessage }
  | { readonly kind: 'refused'; readonly rejection: Rejection }
  /** `sent`: whether it may have been published all the same. */
  | {
      readonly kind: 'no-answer';
      readonly why: 'overdue' | 'history-lost' | 'over';
      readonly message: string;
      readonly sent: boolean;
    };

/** What a session wants done, in this order. What calls the program (`emit`, `status`, `end`) is the last of a step. */
export type Effect =
  /** A connection is to be opened; the answer is `opened` or `failed`. */
  | { readonly kind: 'open'; readonly connection: number }
  /** Open a stream and send `request`; the answer is `welcomed` or `failed`. No more comes of it before `listen`. */
  | { readonly kind: 'join'; readonly request: ChatRequest }
  /** What the stream has may come, and if not `paused` also what comes after. */
  | { readonly kind: 'listen'; readonly paused: boolean }
  | { readonly kind: 'send'; readonly request: ChatRequest }
  | { readonly kind: 'flow'; readonly paused: boolean }
  | { readonly kind: 'half-close' }
  | { readonly kind: 'cancel' }
  /** The connection is not needed any more. */
  | { readonly kind: 'close' }
  /** At most `limit` events, 0: as many as the server gives. The answer is `page-read` or `page-failed`. */
  | { readonly kind: 'readHistory'; readonly after: number; readonly limit: number; readonly chain: string }
  /** The events of the page that was read are wanted now, and then `page-end`. */
  | { readonly kind: 'deliverPage' }
  /** `tick` is wanted after so many milliseconds; one timer has one wait. */
  | { readonly kind: 'wait'; readonly timer: TimerName; readonly ms: number }
  | { readonly kind: 'cancelWait'; readonly timer: TimerName }
  /** A first reader that has not come yet is waited for no more. */
  | { readonly kind: 'forgetReader' }
  /** The first join was accepted, or not. */
  | { readonly kind: 'joined' }
  | { readonly kind: 'notJoined'; readonly failure: Failure }
  /** A publish has its answer, the only one, and is waited for no more. */
  | { readonly kind: 'settle'; readonly publish: number; readonly outcome: PublishOutcome }
  /** The server could not do what `leave` asks: the session goes on. */
  | { readonly kind: 'refuseLeave'; readonly rejection: Rejection }
  | RecordEffect
  /** The next event of the room for the reader. `before`: the position before it. */
  | { readonly kind: 'emit'; readonly event: RoomEvent; readonly before: Position }
  | { readonly kind: 'status'; readonly status: Status }
  /** Nothing comes after it, and nothing is waited for. */
  | { readonly kind: 'end'; readonly status: Status };

export type RecordEffect = {
  [Event in keyof ClientFields]: {
    readonly kind: 'record';
    readonly level: 'info' | 'warn' | 'error';
    readonly event: Event;
    readonly fields: ClientFields[Event] & Whose;
    /** To be recorded as the error `err`. */
    readonly failure?: Failure;
  };
}[keyof ClientFields];

/** One step of a session: what it knows, what it wants done, and the hash that it is given. */
export interface Step {
  readonly effects: Effect[];
  /** The chain after `event`, where it was `previous` before. */
  readonly nextChain: NextChain;
}

export type NextChain = (previous: string, event: Exclude<RoomEvent, { readonly kind: 'unknown' }>) => string;
