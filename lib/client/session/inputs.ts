import type { Farewell, Welcome } from '../../codec/messages.js';
import type { RoomEvent } from '../../core/event.js';
import type { Rejection } from '../../core/rejection.js';

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
 * What happens to a session. Those of a connection have its number. The answers to `open`, `join` and `readHistory` come after
 * the step that asked, never within it.
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
