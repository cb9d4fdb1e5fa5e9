import type { ClientFields } from '../../codec/log-records.js';
import type { RoomEvent } from '../../core/event.js';

/** What happened, as the checker judges it: what each client went through and what the logs held. Plain data. */
export interface History {
  readonly clients: readonly ClientHistory[];
  /** The rooms' event logs as ReadHistory gave them, in the order of reading; of each log id the last one is final. */
  readonly logs: readonly LogReading[];
  /** Set where unrecorded clients may have joined and spoken: nobody can say where their events are from. */
  readonly outsiders: boolean;
}

/**
 * One client, in the order in which it happened there. A client has one Lamport clock, and in each room at most one
 * visit at a time. Started again from the place that it kept, it is the same client.
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

/** What a client goes through, by the kind of each step. What of it a log record says is as the record says it. */
interface Steps {
  /**
   * The client's process starts, with the Lamport time that it kept, or 0: not needed for the first, whose clock is 0.
   * Where a room is named only this room's visit begins anew: a program may have others, which go on.
   */
  start: Read<'begin', 'clock'> & { readonly room?: string | undefined };

  /**
   * The record begins here, within a visit: where the client stands, by what it did before. The steps in it are those
   * of before on which what follows depends.
   */
  part: InRoom &
    Read<'part', 'clock' | 'server' | 'inside'> & {
      readonly name: string;
      /** The greatest ordinal that may have been used before in the session. */
      readonly sent: number;
      /** The request to be let in that has no answer yet. */
      readonly asked: StepOf<'join'> | undefined;
      /** To the latest session, with the newest accepted ordinal and the place that the client has reached since. */
      readonly welcome: StepOf<'welcome'> | undefined;
      readonly leave: StepOf<'leave'> | undefined;
      /** What was sent and has no answer yet. */
      readonly sends: readonly StepOf<'send'>[];
    };

  /** The client asks to join, or to resume from the place it presents; by which address, where the record tells. */
  join: InRoom & Read<'connect', 'lamport' | 'server'> & { readonly name: string; readonly resume?: Place | undefined };

  'join-refused': InRoom & Read<'join-refused', 'reason'>;

  /**
   * The join or resume was accepted, with the newest ordinal accepted from the session; the `place` is just before the
   * first event that the stream brings, and a new session's Joined comes after `newest`. What the client receives from
   * now on `continues` what it has: after a resume, and after a new join that fills in from ReadHistory what was missed
   * [P3]. The session may be a tag that stands for it; no violation repeats it.
   */
  welcome: InRoom &
    Read<'welcome', 'session' | 'logId' | 'newest' | 'resumed' | 'ordinal' | 'continues'> & { readonly place: Place };

  /**
   * The client takes an event in: what it shows to its user or hands to its program. `clock`: its own Lamport time
   * afterwards. `filled`: it was read by ReadHistory, which is not receiving, and the clock need not move.
   */
  receive: InRoom & {
    readonly event: RoomEvent;
    readonly clock?: number | undefined;
    readonly filled?: boolean | undefined;
  };

  /** The client sends a publish, for the first time or again; `at`: when, on a clock that all clients here share. */
  send: OfPublish & Read<'send', 'text' | 'lamport' | 'seen'> & { readonly at?: number | undefined };

  /**
   * The client learns that a publish was accepted: its event came back, or answers the call. `duplicate`: the server
   * said that this is an earlier publish's event.
   */
  accepted: OfPublish & {
    readonly event: RoomEvent;
    readonly duplicate: boolean;
    readonly at?: number | undefined;
  };

  refused: OfPublish & Read<'refused', 'reason'>;

  /** The client, or who watched it, knows that no answer will come: the message is in the event log at most once. */
  unknown: OfPublish;

  /** The client leaves, or does what the server takes for it (closes its side of the stream, which names no time). */
  leave: InRoom & { readonly session: string; readonly lamport?: number | undefined };

  /** The client has received everything up to `sequence`, in its stream's log unless it names one, as it says. */
  place: InRoom & Read<'disconnect', 'logId' | 'chain'> & { readonly sequence: number };

  /** The client notices that it has lost its connection. It says nothing about a promise; the reason is for people. */
  offline: InRoom & Read<'offline', 'reason'>;

  /**
   * How it ended for the client in the room, to be said of every client that was let in: otherwise nobody knows whether
   * it received all that it should have.
   *
   * - `present`: still there; it must have received everything up to `upTo`, or else to the end of the final event log.
   * - `left`: it asked to, and must have received everything up to its own Left.
   * - `gone`: dead, cut off or sent away, and the server has had time to notice: its session must have ended [P8].
   * - `lost`: dead or cut off, and the server need not have noticed.
   */
  end: InRoom & {
    readonly how: 'present' | 'left' | 'gone' | 'lost';
    readonly upTo?: number | undefined;
    /** Set where its own record does not tell it, which may stop earlier. */
    readonly toldByOthers?: boolean | undefined;
  };
}

export type StepOf<Kind extends keyof Steps> = Kind extends unknown ? { readonly kind: Kind } & Steps[Kind] : never;
export type Step = StepOf<keyof Steps>;

/** Follows a client's steps: each kind of them by the method of its name, if it tells something here. */
export type StepFollower = { [Kind in keyof Steps]?: (step: StepOf<Kind>) => void };

export function followStep(follower: StepFollower, step: Step): void {
  (follower[step.kind] as ((step: Step) => void) | undefined)?.call(follower, step);
}

/** A step, and those of before that it tells of. */
export function withEarlier(step: Step): readonly Step[] {
  if (step.kind !== 'part') return [step];
  const { asked, welcome, leave, sends } = step;
  return [step, ...[asked, welcome, leave].filter((one) => one !== undefined), ...sends];
}

type Read<Event extends keyof ClientFields, Field extends keyof ClientFields[Event]> = Pick<ClientFields[Event], Field>;

interface InRoom {
  readonly room: string;
}

/** What names a publish to the server. */
interface OfPublish extends InRoom {
  readonly session: string;
  readonly ordinal: number | bigint;
}

export interface Place {
  readonly sequence: number;
  /** 16 hex digits. */
  readonly chain: string;
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
   * Set where nobody read it, and its events are those that clients received: it may begin late, stop early and have
   * holes. What it does not show is unknown, and no fault.
   */
  readonly witnessed?: boolean | undefined;
  /** Of a witnessed event log: the place before its first event, where a client was told of it. */
  readonly from?: Place | undefined;
}
