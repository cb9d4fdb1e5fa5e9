import type { RoomEvent } from '../../core/event.js';

/**
 * What happened, as the checker judges it: what each client went through and what the logs held. Plain data; a
 * `HistoryRecorder` writes it down while it happens.
 */
export interface History {
  readonly clients: readonly ClientRecord[];
  /** The rooms' logs as read through ReadHistory, in the order of the readings; of each log id the last one is final. */
  readonly logs: readonly LogReading[];
  /** Set where others than the recorded clients may have joined and spoken: nobody can say where their events are from. */
  readonly outsiders: boolean;
}

/**
 * One client, in the order in which it happened there. A client has one Lamport clock, and in each room at most one visit at a
 * time. Started again from the place that it kept, it is the same client.
 */
export interface ClientRecord {
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
export interface JoinStep {
  readonly kind: 'join';
  readonly room: string;
  readonly name: string;
  readonly lamport: number;
  /** The place it presents. */
  readonly resume?: Place | undefined;
  /** The address by which it asked, where the record tells. */
  readonly server?: string | undefined;
}

export interface JoinRefusedStep {
  readonly kind: 'join-refused';
  readonly room: string;
  readonly reason: string;
}

/** The join or resume was accepted. */
export interface WelcomeStep {
  readonly kind: 'welcome';
  readonly room: string;
  /** The session, or a tag that stands for it. No violation repeats it. */
  readonly session: string;
  readonly logId: string;
  /** Just before the first event that the stream brings. */
  readonly place: Place;
  /** The room's newest sequence then: a new session's Joined is the next. */
  readonly newest: number;
  readonly resumed: boolean;
  /** The newest ordinal accepted from the session. */
  readonly ordinal: number;
  /**
   * Whether what the client receives from now on goes on from what it has: after a resume, and after a new join that
   * fills in from ReadHistory what was missed [P3].
   */
  readonly continues: boolean;
}

/** The client takes an event in: what it shows to its user or hands to its program. */
export interface ReceiveStep {
  readonly kind: 'receive';
  readonly room: string;
  readonly event: RoomEvent;
  /** The client's own Lamport time afterwards. */
  readonly clock?: number | undefined;
  /** Set when it was read by ReadHistory, which is not receiving: the clock need not move. */
  readonly filled?: boolean | undefined;
}

/** The client sends a publish, for the first time or again. */
export interface SendStep {
  readonly kind: 'send';
  readonly room: string;
  readonly session: string;
  readonly ordinal: number | bigint;
  readonly text: string;
  readonly lamport: number;
  readonly seen: number;
  /** When, on a clock that all clients of this history share. */
  readonly at?: number | undefined;
}

/** The client learns that a publish was accepted: its event came back, or answers the call. */
export interface AcceptedStep {
  readonly kind: 'accepted';
  readonly room: string;
  readonly session: string;
  readonly ordinal: number | bigint;
  readonly event: RoomEvent;
  /** The server said that this is an earlier publish's event. */
  readonly duplicate: boolean;
  /** When, on the clock of `SendStep.at`. */
  readonly at?: number | undefined;
}

export interface RefusedStep {
  readonly kind: 'refused';
  readonly room: string;
  readonly session: string;
  readonly ordinal: number | bigint;
  readonly reason: string;
}

/** The client, or who watched over it, knows that no answer will come: the message is in the log once or not at all. */
export interface UnknownStep {
  readonly kind: 'unknown';
  readonly room: string;
  readonly session: string;
  readonly ordinal: number | bigint;
}

/** The client leaves, or does what the server takes for it (it closes its side of the stream). */
export interface LeaveStep {
  readonly kind: 'leave';
  readonly room: string;
  readonly session: string;
  /** Not set where the request names no time. */
  readonly lamport?: number | undefined;
}

/** The client says how far it has come: it has received everything up to `sequence`. */
export interface PlaceStep {
  readonly kind: 'place';
  readonly room: string;
  readonly sequence: number;
  /** Where it does not say, that of its stream. */
  readonly logId?: string | undefined;
  readonly chain?: string | undefined;
}

/** The client notices that it has lost its connection. It says nothing about a promise. */
export interface OfflineStep {
  readonly kind: 'offline';
  readonly room: string;
  /** Why, for people. */
  readonly reason: string;
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
export interface EndStep {
  readonly kind: 'end';
  readonly room: string;
  readonly how: 'present' | 'left' | 'gone' | 'lost';
  /** The sequence that one who is present must have reached; not set: the end of the final log. */
  readonly upTo?: number | undefined;
  /** Set where its own record does not tell it, which may stop earlier. */
  readonly toldByOthers?: boolean | undefined;
}

/** A whole room's log, as it was at one time. */
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
  /** Of a witnessed log: the place before its first event, where a client was told of it. */
  readonly from?: Place | undefined;
}
