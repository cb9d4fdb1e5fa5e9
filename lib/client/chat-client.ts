import type { Observable } from 'rxjs';
import type { RoomSummary } from '../codec/messages.js';
import type { LamportClock } from '../core/clock.js';
import type { MessageEvent, RoomEvent } from '../core/event.js';
import type { Journal } from '../platform/journal.js';

export type { RoomSummary };

/**
 * How a session stands. It goes between `catching-up`, `live`, `offline` and `connecting` as often as connections come
 * and go; `left` and `ended` are for good, and with them `status$` completes.
 */
export type Status =
  /** Connected; events that were missed (or asked for as history) are coming in. */
  | { readonly state: 'catching-up'; readonly behind: number }
  | { readonly state: 'live' }
  /** No connection since `sinceMs` (wall clock); `reason` is a sentence for people. The next try is at `retryAtMs`. */
  | { readonly state: 'offline'; readonly sinceMs: number; readonly retryAtMs: number; readonly reason: string }
  /** A connection is being tried. */
  | { readonly state: 'connecting'; readonly sinceMs: number }
  /**
   * The room's event log is not the one it was (wiped, or set back), so what was received cannot be gone on with [P11].
   * The client joins anew; the events that follow are of the new event log.
   */
  | { readonly state: 'history-lost' }
  /** The participant left at its own wish, and received its own Left. */
  | { readonly state: 'left' }
  /** The session ended otherwise; `reason` is a sentence for people that says what to do. */
  | { readonly state: 'ended'; readonly reason: string };

/** A position in one history of a room: that of an event. */
export interface Position {
  readonly logId: string;
  readonly sequence: number;
  /** At `sequence`: 16 hex digits. */
  readonly chain: string;
}

/** What going on with a session needs: its id and the last event taken in. Keep it secret: it lets its holder speak. */
export interface SavedSession extends Position {
  readonly server: string;
  readonly room: string;
  readonly name: string;
  readonly session: string;
  /** The newest ordinal used. */
  readonly ordinal: number;
  /** This client's own Lamport time. */
  readonly lamport: number;
}

/** The name that `SavedSession` had. */
export type VisitPlace = SavedSession;

/** This client's Lamport times when it sent a message: first and last, which differ where it was sent again. */
export interface SendTimes {
  readonly first: number;
  readonly last: number;
}

/** An own message as the event that it became. */
export interface PublishedMessage extends MessageEvent {
  readonly sent: SendTimes;
}

/** One participant's session in one room. `connect` makes one. */
export interface ChatClient {
  readonly room: string;
  readonly name: string;
  /**
   * This client's Lamport time [S8], of all its rooms where they share a clock: ticked before each send, max(own,
   * received) + 1 with each event received.
   */
  readonly time: number;
  /** How many code points a message may have on this server [S3]. */
  readonly textCodePointsMax: number;
  /**
   * The room's events in order, each once [P2] [P3]: first the history that was asked for, then the own Joined, then
   * what follows. None is missed by the first subscriber, however late it comes: `eventsHeldMax` are held for it, and
   * with more the session pauses until it is there, so that publishes get no answer either. Whoever wants no events
   * subscribes all the same, and ignores them. Later subscribers get what comes after. Completes when the session is
   * over and never errors: `status$` says why it ended.
   */
  readonly events$: Observable<RoomEvent>;
  /** The present status, then every change; the last one also for those who subscribe when the session is over. */
  readonly status$: Observable<Status>;
  /** Who is in the room as of the last event taken in, this participant included, in the order of joining. */
  readonly participants: readonly string[];

  /**
   * What a later `connect` needs to go on with this session; it changes with each event and each publish. Events that
   * wait for the first subscriber come after it.
   */
  readonly place: SavedSession;

  /**
   * Says `text` in the room and resolves, once, with the event it became: durable, and seen by all in the same place
   * [P4]. While there is no connection up to `publishesUnansweredMax` wait, and what was sent without an answer is sent
   * again with its ordinal, so that it is published once [P5]; the order of publishes is kept [P6]. Rejects with
   * `Refused` when the server said no, and with a `NoAnswer` when there will be none: `Overdue` after `publishMsMax`,
   * `HistoryLost` when the room's event log was lost before the answer came, `VisitOver` when the session ended. Its
   * `sent` says whether the message may have been published, or certainly was not.
   */
  publish(text: string): Promise<PublishedMessage>;

  /**
   * Takes no more events from the server until `resume`, for a reader that cannot keep up: the server goes on without
   * waiting and sends what was missed later. One that pauses for longer than the server's stall limit is cut off.
   */
  pause(): void;
  resume(): void;

  /**
   * Asks to leave; resolves when the own Left was received, or the session was over anyhow. Without a connection it
   * tries at once to get one, and to send what still waits. What is not confirmed within `leaveMsMax` ends the session
   * here. Rejects with `Refused` when the server could not take the leave: then the session goes on. Ends a pause,
   * since the own Left comes last; whoever pauses again is waited for.
   */
  leave(): Promise<void>;

  /**
   * Ends the session for sure, also where a leave was refused: asks to leave, if that was not done, and says nothing
   * any more, upon which the server owes the room this participant's Left; waits for that a few seconds, then breaks
   * the connection off. Resolves when the session is over; `status$` says whether the own Left was received.
   */
  close(): Promise<void>;

  /** The rooms of the server. Like `history` it rejects with `CannotConnect` where there is no connection. */
  rooms(): Promise<RoomSummary[]>;

  /**
   * Up to `limit` events of the room before `before` (default: before the first event of this session), oldest first.
   * Reading the past is not receiving: the clock stays.
   */
  history(limit: number, before?: number): Promise<RoomEvent[]>;
}

/** Where and as whom to join. */
export interface ConnectOptions {
  /** `host:port`; default `127.0.0.1:4000`. */
  readonly server?: string;
  /**
   * The HTTP proxy by which the server is reached, `http://HOST:PORT`. Default: what `grpc_proxy`, `https_proxy`,
   * `http_proxy` or `all_proxy` names, unless `no_proxy` excepts the server or it is on this machine.
   */
  readonly proxy?: string | undefined;
  /** Default: `lobby`. */
  readonly room?: string;
  readonly name: string;
  /** Earlier events to be sent before the live ones; default 0. */
  readonly history?: number;
  /**
   * Whether to connect again by itself and resume after a lost connection; default true. Such a session outlives its
   * connection by the server's grace period.
   */
  readonly reconnect?: boolean;
  /** How long it tries to connect again after a loss before the session ends, in milliseconds; default: for ever. */
  readonly offlineMsMax?: number;
  /** How long a publish waits for its event, over lost connections too, in milliseconds; default 60,000. */
  readonly publishMsMax?: number;
  /** An earlier session to go on with; where it is over, the client joins anew and fills in what it missed. */
  readonly resume?: SavedSession;
  /** Where this client's log records go [S7] [T3]; default nowhere. */
  readonly journal?: Journal;
  /**
   * This client's clock [S8]. A process that is in several rooms is one process to Lamport: it gives all its sessions
   * the same clock, so that what it hears in one room comes before what it says in another. Default: one of the
   * session's own.
   */
  readonly clock?: LamportClock;
}
