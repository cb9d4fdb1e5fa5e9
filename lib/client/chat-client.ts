import type { Observable } from 'rxjs';
import type { RoomSummary } from '../codec/responses.js';
import type { LamportClock } from '../core/clock.js';
import type { MessageEvent, RoomEvent } from '../core/event.js';
import type { Journal } from '../journal/journal.js';

export type { RoomSummary };

/** How a visit stands. It moves forward only: joined, then one of the others, with which `status$` completes. */
export type Status =
  | { readonly state: 'joined' }
  /** The participant left at its own wish, and received its own Left. */
  | { readonly state: 'left' }
  /** The visit ended otherwise; `reason` is a sentence for people that says what to do. */
  | { readonly state: 'ended'; readonly reason: string };

/** One participant's visit to one room. `connect` makes one. */
export interface ChatClient {
  readonly room: string;
  readonly name: string;
  /** This client's own Lamport time [S8], of all its rooms where they share a clock: ticked before each send, max(own, received) + 1 with each received event. */
  readonly time: number;
  /** How many code points a message may have on this server [S3]. */
  readonly textCodePointsMax: number;
  /**
   * The room's events in order, each once [P2] [P3]: first the history that was asked for, then the own Joined, then what
   * follows. Up to `eventsHeldMax` are held for the first subscriber; later ones get what comes after. Completes
   * when the visit is over and never errors: `status$` says why it ended.
   */
  readonly events$: Observable<RoomEvent>;
  /** The present status, then every change; the last one also for those who subscribe when the visit is over. */
  readonly status$: Observable<Status>;
  /** Who is in the room as of the last event taken in, this participant included, in the order of joining. */
  readonly participants: readonly string[];

  /**
   * Says `text` in the room and resolves with the event it became: durable, and seen by all in the same place [P4].
   * Rejects with `Refused` when the server said no, with `VisitOver` when the visit ended before an answer: then the
   * message may or may not have been published.
   */
  publish(text: string): Promise<MessageEvent>;

  /**
   * Takes no more events from the server until `resume`, for a reader that cannot keep up: the server goes on without
   * waiting and sends what was missed later. One that pauses for longer than the server's stall limit is cut off.
   */
  pause(): void;
  resume(): void;

  /**
   * Asks to leave; resolves when the own Left was received, or the visit was over anyhow. Rejects with `Refused` when
   * the server could not take the leave: then the visit goes on. Ends a pause, since the own Left comes last; whoever
   * pauses again is waited for.
   */
  leave(): Promise<void>;

  /**
   * Ends the visit for sure, also where a leave was refused: says nothing any more, upon which the server owes the
   * room this participant's Left, waits for that a few seconds, then breaks the connection off. Resolves when the visit
   * is over; `status$` says whether the own Left was received.
   */
  close(): Promise<void>;

  /** The rooms of the server. */
  rooms(): Promise<RoomSummary[]>;

  /**
   * Up to `limit` events of the room before `before` (default: before the first event of this visit), oldest first.
   * Reading the past is not receiving: the clock stays.
   */
  history(limit: number, before?: number): Promise<RoomEvent[]>;
}

/** Where and as whom to join. */
export interface ConnectOptions {
  /** `host:port`; default `127.0.0.1:4000`. */
  readonly server?: string;
  /** Default: `lobby`. */
  readonly room?: string;
  readonly name: string;
  /** Earlier events to be sent before the live ones; default 0. */
  readonly history?: number;
  /** Where this client's log records go [S7] [T3]; default nowhere. */
  readonly journal?: Journal;
  /**
   * This client's clock [S8]. A process that is in several rooms is one process to Lamport: it gives all its visits the
   * same clock, so that what it hears in one room comes before what it says in another. Default: one of the visit's own.
   */
  readonly clock?: LamportClock;
}
