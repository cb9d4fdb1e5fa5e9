import type { ClientFields } from '../../codec/log-records.js';
import type { RoomEvent } from '../../core/event.js';

/**
 * What happened, as the checker judges it: what each client went through and what the logs held. Plain data.
 */
export interface History {
  readonly clients: readonly ClientHistory[];
  /** The rooms' event logs as read through ReadHistory, in the order of the readings; of each log id the last one is final. */
  readonly logs: readonly LogReading[];
  /** Set where others than the recorded clients may have joined and spoken: nobody can say where their events are from. */
  readonly outsiders: boolean;
}

/**
 * One client, in the order in which it happened there. A client has one Lamport clock, and in each room at most one visit at a
 * time. Started again from the place that it kept, it is the same client.
 */
export interface ClientHistory {
  /** What people call it; each client's is its own. */
  readonly client: string;
  /** False of a client that sends whatever Lamport time it likes: its own clock is not judged. */
  readonly keepsClock: boolean;
  /** Set where the record does not go back to the client's first start: what it did and knew before is unknown. */
  readonly beginsLate?: boolean | undefined;
  readonly steps: readonly Step[];
}

export type Step =
  | StartStep
  | JoinStep
  | JoinRefusedStep
  | WelcomeStep
  | ReceiveStep
  | SendStep
  | AcceptedStep
  | RefusedStep
  | UnknownStep
  | LeaveStep
  | PlaceStep
  | OfflineStep
  | EndStep;

/** The client's process starts: not needed for the first, whose clock is 0. */
export interface StartStep {
  readonly kind: 'start';
  /** The client's Lamport time that it kept, or 0. */
  readonly clock: number;
  /** Set where only this room's visit begins anew: a program may have others, which go on. */
  readonly room?: string | undefined;
}

export interface Place {
  readonly sequence: number;
  /** 16 hex digits. */
  readonly chain: string;
}

/** The client asks to join, or to resume. */
export interface JoinStep extends InRoom, Pick<ClientFields['connect'], 'lamport'> {
  readonly kind: 'join';
  readonly name: string;
  /** The place it presents. */
  readonly resume?: Place | undefined;
  /** The address by which it asked, where the record tells. */
  readonly server?: string | undefined;
}

export interface JoinRefusedStep extends InRoom, Pick<ClientFields['join-refused'], 'reason'> {
  readonly kind: 'join-refused';
}

/**
 * The join or resume was accepted, with the newest ordinal accepted from the session. What the client receives from now on
 * `continues` what it has: after a resume, and after a new join that fills in from ReadHistory what was missed [P3]. The
 * session may be a tag that stands for it; no violation repeats it.
 */
export interface WelcomeStep
  extends InRoom,
    Pick<ClientFields['welcome'], 'session' | 'logId' | 'newest' | 'resumed' | 'ordinal' | 'continues'> {
  readonly kind: 'welcome';
  /** Just before the first event that the stream brings. A new session's Joined comes after `newest`. */
  readonly place: Place;
}

/** The client takes an event in: what it shows to its user or hands to its program. */
export interface ReceiveStep extends InRoom {
  readonly kind: 'receive';
  readonly event: RoomEvent;
  /** The client's own Lamport time afterwards. */
  readonly clock?: number | undefined;
  /** Set when it was read by ReadHistory, which is not receiving: the clock need not move. */
  readonly filled?: boolean | undefined;
}

/** What names a publish to the server. */
interface OfPublish extends InRoom {
  readonly session: string;
  readonly ordinal: number | bigint;
}

/** The client sends a publish, for the first time or again. */
export interface SendStep extends OfPublish, Pick<ClientFields['send'], 'text' | 'lamport' | 'seen'> {
  readonly kind: 'send';
  /** When, on a clock that all clients of this history share. */
  readonly at?: number | undefined;
}

/** The client learns that a publish was accepted: its event came back, or answers the call. */
export interface AcceptedStep extends OfPublish {
  readonly kind: 'accepted';
  readonly event: RoomEvent;
  /** The server said that this is an earlier publish's event. */
  readonly duplicate: boolean;
  /** When, on the clock of `SendStep.at`. */
  readonly at?: number | undefined;
}

export interface RefusedStep extends OfPublish, Pick<ClientFields['refused'], 'reason'> {
  readonly kind: 'refused';
}

/** The client, or who watched over it, knows that no answer will come: the message is in the event log once or not at all. */
export interface UnknownStep extends OfPublish {
  readonly kind: 'unknown';
}

/** The client leaves, or does what the server takes for it (it closes its side of the stream). */
export interface LeaveStep extends InRoom {
  readonly kind: 'leave';
  readonly session: string;
  /** Not set where the request names no time. */
  readonly lamport?: number | undefined;
}

/** The client says how far it has come: it has received everything up to `sequence`. */
export interface PlaceStep extends InRoom {
  readonly kind: 'place';
  readonly sequence: number;
  /** Where it does not say, that of its stream. */
  readonly logId?: string | undefined;
  readonly chain?: string | undefined;
}

/** The client notices that it has lost its connection. It says nothing about a promise; the reason is for people. */
export interface OfflineStep extends InRoom, Pick<ClientFields['offline'], 'reason'> {
  readonly kind: 'offline';
}

/**
 * How it ended for the client in the room, to be said of every client that was let in: otherwise nobody knows whether it
 * received all that it should have.
 *
 * - `present`: still there; it must have received everything up to `upTo`.
 * - `left`: it asked to, and must have received everything up to its own Left.
 * - `gone`: dead, cut off or sent away, and the server has had time to notice: its session must have ended [P8].
 * - `lost`: dead or cut off, and the server need not have noticed.
 */
export interface EndStep extends InRoom {
  readonly kind: 'end';
  readonly how: 'present' | 'left' | 'gone' | 'lost';
  /** The sequence that one who is present must have reached; not set: the end of the final event log. */
  readonly upTo?: number | undefined;
  /** Set where its own record does not tell it, which may stop earlier. */
  readonly toldByOthers?: boolean | undefined;
}

interface InRoom {
  readonly room: string;
}

/** A whole room's event log, as it was at one time. */
export interface LogReading {
  readonly room: string;
  readonly logId: string;
  /** From the first event on. */
  readonly events: readonly RoomEvent[];
  /** The room's newest sequence, as the last page of the reading told it. */
  readonly newest: number;
  /** Set when the store was wiped or rolled back on purpose afterwards, so that another log may follow. */
  readonly replaced: boolean;
  /**
   * Set where nobody read it, and its events are those that clients received: it may begin late, stop early and have holes. What it
   * does not show is unknown, and no fault.
   */
  readonly witnessed?: boolean | undefined;
  /** Of a witnessed event log: the place before its first event, where a client was told of it. */
  readonly from?: Place | undefined;
}
