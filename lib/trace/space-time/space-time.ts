import type { RoomEvent } from '../../core/event.js';
import type { Source } from '../logs/run.js';

/**
 * A run as Lamport drew it ("Time, Clocks, and the Ordering of Events in a Distributed System", 1978, figure 1): processes, what
 * happened at each in its own order, and the messages between them.
 */
export interface SpaceTime {
  /** Rooms first, then clients in the order in which they first appear. */
  readonly lifelines: readonly Lifeline[];
  /**
   * All that happened, in an order in which nothing stands before its cause: by Lamport time, what happened at the same time by
   * lifeline, and on each lifeline in its own order.
   */
  readonly moments: readonly Moment[];
}

export interface Lifeline {
  readonly kind: 'room' | 'client';
  /** What people call it: the room's name, the participant's name. Each lifeline's is its own. */
  readonly name: string;
}

/**
 * What happens at a lifeline. A client asks to join or to resume, sends (once more), asks to leave, receives an event, fills one in
 * that it missed, loses its connection, or ends; a room stamps an event, which is receiving what was asked and telling all of it.
 */
export type MomentKind =
  | 'ask-join'
  | 'ask-resume'
  | 'welcome'
  | 'send'
  | 'send-again'
  | 'ask-leave'
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
   * The moment whose message this one is the receipt of: of a stamp the asking, of a receipt the stamp. Undefined where it has none
   * (a Left that the server made by itself) or where no log tells it.
   */
  readonly cause?: number | undefined;
  /** Of a stamp, a receipt and what is filled in. */
  readonly event?: RoomEvent | undefined;
  /** Of a message that is sent. */
  readonly text?: string | undefined;
  /** Of a message that is sent: the last sequence that its author had been shown. */
  readonly seen?: number | undefined;
  /** Of a message that is sent: what names it to the server, together with its session. */
  readonly ordinal?: number | bigint | undefined;
  /** The room that it concerns. */
  readonly room: string;
  /** When, in milliseconds since 1970, by whoever wrote it down. */
  readonly timeMs?: number | undefined;
  /** The line that says so; a room's stamp has it only from a server's log. */
  readonly source?: Source | undefined;
}
