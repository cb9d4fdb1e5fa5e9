import type { ClientFields, Whose } from '../../codec/log-records.js';
import type { ChatRequest } from '../../codec/messages.js';
import type { RoomEvent } from '../../core/event.js';
import type { Rejection } from '../../core/rejection.js';
import type { Position, PublishedMessage, Status } from '../chat-client.js';
import type { Failure, TimerName } from './inputs.js';

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
  /** A stream is to be opened and `request` sent; the answer is `welcomed` or `failed`. No more comes of it before `listen`. */
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

/** A log record. */
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
