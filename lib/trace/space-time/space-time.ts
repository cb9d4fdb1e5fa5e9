import type { RoomEvent } from '../../core/event.js';
import type { StepOf } from '../history/history.js';
import type { Source } from '../history/logs/source.js';

/**
 * A run as Lamport drew it ("Time, Clocks, and the Ordering of Events in a Distributed System", 1978, figure 1):
 * processes, what happened at each in its own order, and the messages between them.
 */
export interface SpaceTime {
  /** Rooms first, then clients in the order in which the rooms first heard of them. */
  readonly lifelines: readonly Lifeline[];
  /**
   * All that happened, in an order in which nothing stands before its cause: by level, what has the same level by
   * lifeline, and on each lifeline in its own order.
   */
  readonly moments: readonly Moment[];
  /** What in the logs cannot have happened as they tell it, and is drawn as well as can be; empty for sound logs. */
  readonly doubts: readonly Doubt[];
}

export interface Lifeline {
  readonly kind: 'room' | 'client';
  /**
   * What people call it: the room's name, the participant's name. No two of one kind have the same: a room's second
   * log, after its store was wiped, is called `lobby#2`.
   */
  readonly name: string;
}

/**
 * What happens at a lifeline. A client begins another visit (after it was killed, say), is there where a part of its
 * log begins, asks to join or to resume, is welcomed, sends (once more), asks to leave, is refused something, receives
 * an event, fills one in that it missed, loses its connection, or ends; a room stamps an event, which is receiving what
 * was asked and telling all of it.
 *
 * Messages in Lamport's sense are the askings and the events, for they carry times. A welcome and a refusal carry none
 * that a clock takes in [S8] (docs/protocol.md, "Clocks"): they happen at the client, and have no cause.
 */
export type MomentKind =
  | 'start'
  | 'log-begins'
  | 'ask-join'
  | 'ask-resume'
  | 'welcome'
  | 'send'
  | 'send-again'
  | 'ask-leave'
  | 'refused'
  | 'stamp'
  | 'receive'
  | 'fill-in'
  | 'lose-connection'
  | 'end';

export interface Moment {
  /** Its own place in `moments`. */
  readonly index: number;
  readonly kind: MomentKind;
  /** The index of its lifeline. */
  readonly lifeline: number;
  /** From 1: the how-manieth on its lifeline, which is its lifeline's own entry in its vector clock. */
  readonly position: number;
  /** The lifeline's Lamport time afterwards [S8]. What does not move the clock has the time before it. */
  readonly lamport: number;
  /**
   * Where it stands in time: its Lamport time, or as much later as it takes to be later than its cause and not earlier
   * than what was before it on its lifeline. It differs where the clock went back (a client started again from an older
   * place), where something was filled in with the clock left alone, and where a log tells what cannot be.
   */
  readonly level: number;
  /**
   * The moment whose message this one is the receipt of: of a stamp the asking, of a receipt the stamp. Undefined where
   * it has none (a Left that the server made by itself) or where no log tells it. It is always earlier in `moments`,
   * and of a lower level.
   */
  readonly cause?: number | undefined;
  /** Of a stamp, a receipt and what is filled in. */
  readonly event?: RoomEvent | undefined;
  /** Of a message that is sent. */
  readonly text?: string | undefined;
  /** Of a message that is sent: the last sequence that its author had been shown. */
  readonly seen?: number | undefined;
  /** Of a message that is sent, or refused: what names it to the server, together with its session. */
  readonly ordinal?: number | bigint | undefined;
  /** Of what is refused the contract's reason; of a lost connection why, for people. */
  readonly reason?: string | undefined;
  /** Of an end: how. */
  readonly how?: StepOf<'end'>['how'] | undefined;
  /** The room that it concerns; empty for a start. */
  readonly room: string;
  /** When, in milliseconds since 1970, by whoever wrote it down. */
  readonly timeMs?: number | undefined;
  /** The line that says so; a room's stamp has it only from a server's log. */
  readonly source?: Source | undefined;
}

/** Something that logs tell and that cannot have been so, or that nobody can place. */
export interface Doubt {
  readonly kind: DoubtKind;
  /** For people, of the first of its kind: who, and what. Names are as the logs have them: escape them where shown. */
  readonly message: string;
  /** The first moment of the kind. */
  readonly moment: number;
  /** How many moments are like that. */
  readonly count: number;
}

/**
 * - `no-stamp`: an event was received that is in no log of the room: it has no cause.
 * - `other-event`: the room's event log has another event at the sequence that was received: it has no cause.
 * - `time-goes-back`: a Lamport time not greater than its cause's, or less than what was before on its lifeline.
 * - `circle`: what would be its own cause; the cause of one of the moments was left out.
 */
export type DoubtKind = 'no-stamp' | 'other-event' | 'time-goes-back' | 'circle';
